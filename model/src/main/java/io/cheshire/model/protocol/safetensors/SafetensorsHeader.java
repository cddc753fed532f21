package io.cheshire.model.protocol.safetensors;

import io.cheshire.model.protocol.StrictJson;
import io.cheshire.model.protocol.safetensors.SafetensorsException.Kind;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The checked header of one safetensors file: the gate that every file passes before a byte of it is used
 * (docs/model.md §2.5, in the order of the reference reader). Time and memory are bounded by the header's length, which
 * is checked first.
 *
 * @param dataOffset where the data buffer begins in the file: {@code 8 + N}
 * @param tensors    in the order of their data, without holes or overlap, together the whole buffer
 */
public record SafetensorsHeader(long dataOffset, List<TensorEntry> tensors) {
    /** Bytes before the header: its length, little-endian. */
    public static final int LENGTH_BYTES = 8;

    /** Longest header accepted, 16 MiB. Phi-3.5-MoE's 17 need less than 1 MiB together. */
    public static final int MAX_HEADER_BYTES = 16 << 20;

    public SafetensorsHeader {
        tensors = List.copyOf(tensors);
    }

    /**
     * First step: the length of the header, to be checked before anything is allocated for it.
     *
     * @param fileBytes   length of the file
     * @param headerBytes its first eight bytes as an unsigned little-endian number; ignored if the file is shorter
     * @return bytes of JSON to read after the first eight
     */
    public static int checkLength(final long fileBytes, final long headerBytes) {
        if (fileBytes < LENGTH_BYTES) {
            throw new SafetensorsException(
                    Kind.HEADER_TOO_SMALL, "the file is " + fileBytes + " bytes long; a header needs at least 8");
        }
        if (Long.compareUnsigned(headerBytes, MAX_HEADER_BYTES) > 0) {
            throw new SafetensorsException(
                    Kind.HEADER_TOO_LARGE,
                    "the header claims " + Long.toUnsignedString(headerBytes) + " bytes; at most " + MAX_HEADER_BYTES
                            + " are read");
        }
        if (headerBytes == 0 || headerBytes > fileBytes - LENGTH_BYTES) {
            throw new SafetensorsException(
                    Kind.INVALID_HEADER_LENGTH,
                    "the header claims " + headerBytes + " bytes; the file has " + (fileBytes - LENGTH_BYTES)
                            + " left");
        }
        return (int) headerBytes;
    }

    /**
     * Second step: the header itself.
     *
     * @param json      exactly the bytes that {@link #checkLength} announced
     * @param fileBytes length of the file
     */
    public static SafetensorsHeader parse(final byte[] json, final long fileBytes) {
        final String text;
        try {
            text = StrictJson.decodeUtf8(json);
        } catch (final CharacterCodingException e) {
            throw new SafetensorsException(Kind.INVALID_HEADER, "the header is not valid UTF-8");
        }
        final List<TensorEntry> tensors = new ArrayList<>(HeaderReader.read(text));
        tensors.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
        long expectedBegin = 0;
        for (final TensorEntry tensor : tensors) {
            checkOffsets(tensor, expectedBegin);
            checkSize(tensor);
            expectedBegin = tensor.end();
        }
        final long dataOffset = (long) LENGTH_BYTES + json.length;
        final long dataBytes = fileBytes - dataOffset;
        if (expectedBegin != dataBytes) {
            throw new SafetensorsException(
                    Kind.METADATA_INCOMPLETE_BUFFER,
                    "the tensors end at byte " + expectedBegin + " of the data but the file holds " + dataBytes);
        }
        return new SafetensorsHeader(dataOffset, tensors);
    }

    private static void checkOffsets(final TensorEntry tensor, final long expectedBegin) {
        if (tensor.begin() != expectedBegin || tensor.end() < tensor.begin()) {
            throw new SafetensorsException(
                    Kind.INVALID_OFFSET,
                    "tensor " + tensor.name() + " spans [" + tensor.begin() + ", " + tensor.end()
                            + "); it must begin where the one before it ends, at " + expectedBegin);
        }
    }

    private static void checkSize(final TensorEntry tensor) {
        final long bits;
        try {
            long product = tensor.dtype().bits();
            for (final long dimension : tensor.shape()) {
                product = Math.multiplyExact(product, dimension);
            }
            bits = product;
        } catch (final ArithmeticException e) {
            throw new SafetensorsException(
                    Kind.VALIDATION_OVERFLOW, "tensor " + tensor.name() + " of shape " + tensor.shape() + " overflows");
        }
        if (bits % Byte.SIZE != 0) {
            throw new SafetensorsException(
                    Kind.MISALIGNED_SLICE, "tensor " + tensor.name() + " has " + bits + " bits, not whole bytes");
        }
        if (bits / Byte.SIZE != tensor.byteCount()) {
            throw new SafetensorsException(
                    Kind.TENSOR_INVALID_INFO,
                    "tensor " + tensor.name() + " of " + tensor.dtype() + tensor.shape() + " needs " + bits / Byte.SIZE
                            + " bytes but its offsets span " + tensor.byteCount());
        }
    }
}
