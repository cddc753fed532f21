package io.cheshire.chaos.process;

import io.cheshire.model.protocol.safetensors.SafetensorsHeader;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/** Flips one bit of one tensor of a checkpoint that is one file, where a sampled fingerprint doesn't look. */
final class OneBit {
    /** What a sampled fingerprint reads of a tensor: so many pages of so many bytes, evenly spaced. */
    private static final int SAMPLES = 8;

    private static final int SAMPLE_BYTES = 4_096;

    private OneBit() {}

    /**
     * Flips a bit of a mantissa, so that the value stays finite.
     *
     * @return which bit, for people
     */
    static String flipUnsampled(final Path checkpoint, final String tensor, final SplittableRandom random)
            throws IOException {
        try (FileChannel file = FileChannel.open(
                checkpoint.resolve("model.safetensors"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            final ByteBuffer length = read(file, 0, SafetensorsHeader.LENGTH_BYTES);
            final int headerBytes = SafetensorsHeader.checkLength(file.size(), length.getLong(0));
            final SafetensorsHeader header = SafetensorsHeader.parse(
                    read(file, SafetensorsHeader.LENGTH_BYTES, headerBytes).array(), file.size());
            final TensorEntry entry = header.tensors().stream()
                    .filter(each -> each.name().equals(tensor))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no tensor " + tensor));
            final long element = unsampledElement(entry.byteCount(), random);
            final int bit = random.nextInt(7);
            final long at = header.dataOffset() + entry.begin() + element * Short.BYTES;
            final ByteBuffer value = read(file, at, Short.BYTES);
            value.putShort(0, (short) (value.getShort(0) ^ (1 << bit)));
            file.write(value.rewind(), at);
            return "bit " + bit + " of element " + element + " of " + tensor;
        }
    }

    private static long unsampledElement(final long bytes, final SplittableRandom random) {
        if (bytes <= (long) SAMPLES * SAMPLE_BYTES) {
            throw new IllegalArgumentException("a tensor of " + bytes + " bytes is sampled whole");
        }
        final long spacing = (bytes - SAMPLE_BYTES) / (SAMPLES - 1);
        final long gap = random.nextInt(SAMPLES - 1);
        return random.nextLong(gap * spacing + SAMPLE_BYTES, (gap + 1) * spacing) / Short.BYTES;
    }

    private static ByteBuffer read(final FileChannel file, final long from, final int bytes) throws IOException {
        final ByteBuffer into = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (into.hasRemaining() && file.read(into, from + into.position()) >= 0) {
            // goes on
        }
        return into;
    }
}
