package io.cheshire.model.protocol.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes what {@link SafetensorsHeader} reads. */
public final class HeaderWriter {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private HeaderWriter() {}

    /**
     * The first bytes of a file, up to its data buffer: length and JSON, padded with spaces to a multiple of eight so
     * that the data begins aligned.
     *
     * @param tensors in the order of their data, without holes
     */
    public static byte[] write(final List<TensorEntry> tensors) {
        final ObjectNode header = MAPPER.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        for (final TensorEntry tensor : tensors) {
            final ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", tensor.dtype().name());
            final ArrayNode shape = entry.putArray("shape");
            tensor.shape().forEach(shape::add);
            entry.putArray("data_offsets").add(tensor.begin()).add(tensor.end());
        }
        return framed(header);
    }

    private static byte[] framed(final ObjectNode header) {
        final byte[] json;
        try {
            json = MAPPER.writeValueAsBytes(header);
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values cannot fail to serialise", e);
        }
        final int padded = Math.addExact(json.length, 7) & -8;
        final ByteBuffer bytes = ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + padded);
        bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }
}
