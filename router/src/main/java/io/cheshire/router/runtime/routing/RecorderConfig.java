package io.cheshire.router.runtime.routing;

import com.typesafe.config.Config;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where and how much of the routing is recorded; {@code reference.conf} has units, defaults and reasons.
 *
 * @param file        the trace, which must not exist yet; null for none
 * @param bufferBytes layers that wait for the writing thread, a power of two
 * @param maxBytes    longest file
 */
public record RecorderConfig(@Nullable Path file, int bufferBytes, long maxBytes) {
    private static final String PATH = "cheshire.router.record-routing";
    private static final int LEAST_BUFFER_BYTES = 64 * 1024;

    public RecorderConfig {
        if (bufferBytes < LEAST_BUFFER_BYTES || Integer.bitCount(bufferBytes) != 1) {
            throw new IllegalArgumentException(PATH + ".buffer is " + bufferBytes
                    + " bytes; it must be a power of two of " + LEAST_BUFFER_BYTES + " or more");
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException(PATH + ".max-bytes is " + maxBytes + "; it must be at least 1");
        }
    }

    /** Reads {@code cheshire.router.record-routing}. */
    public static RecorderConfig from(final Config root) {
        final Config config = root.getConfig(PATH);
        final String file = config.getString("file");
        return new RecorderConfig(
                file.isEmpty() ? null : Path.of(file),
                Math.toIntExact(config.getBytes("buffer")),
                config.getBytes("max-bytes"));
    }
}
