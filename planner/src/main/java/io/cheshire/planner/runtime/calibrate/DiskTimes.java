package io.cheshire.planner.runtime.calibrate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** How fast the disk is that a model lies on: read past the page cache. */
final class DiskTimes {
    private static final int CHUNK_BYTES = 4 << 20;
    private static final long MOST_BYTES = 256L << 20;
    private static final int ALIGNMENT = 4_096;

    private DiskTimes() {}

    /** Time of a byte; empty where the file system can't be read so. */
    static OptionalDouble nsPerByte(final Path model) throws IOException {
        final Path largest;
        try (Stream<Path> files = Files.list(model)) {
            largest = files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
        try (FileChannel channel = FileChannel.open(largest, StandardOpenOption.READ, direct())) {
            final ByteBuffer chunk =
                    ByteBuffer.allocateDirect(CHUNK_BYTES + ALIGNMENT).alignedSlice(ALIGNMENT);
            long read = 0;
            final long beganNs = System.nanoTime();
            int got = 0;
            while (read < MOST_BYTES && got >= 0) {
                chunk.clear().limit(CHUNK_BYTES);
                got = channel.read(chunk, read);
                read += Math.max(got, 0);
            }
            return read == 0
                    ? OptionalDouble.empty()
                    : OptionalDouble.of((double) (System.nanoTime() - beganNs) / read);
        } catch (final IOException | UnsupportedOperationException | ReflectiveOperationException notDirect) {
            return OptionalDouble.empty();
        }
    }

    /** By name, since it isn't part of every JDK. */
    private static OpenOption direct() throws ReflectiveOperationException {
        return (OpenOption) Class.forName("com.sun.nio.file.ExtendedOpenOption")
                .getField("DIRECT")
                .get(null);
    }
}
