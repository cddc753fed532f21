package io.cheshire.router.runtime.routing;

import io.cheshire.settings.SettingReader;
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
    private static final String SECTION = "cheshire.router.record-routing";

    /** For launchers that hand it on. */
    public static final String FILE = SECTION + ".file";

    private static final int LEAST_BUFFER_BYTES = 64 * 1024;
    private static final int MOST_BUFFER_BYTES = 1 << 30;

    /** Reads {@code cheshire.router.record-routing} of a whole configuration. */
    public static RecorderConfig from(final SettingReader root) {
        final SettingReader recorder = root.section(SECTION);
        final String file = recorder.textOrEmpty("file");
        final int bufferBytes = recorder.intBytes("buffer", LEAST_BUFFER_BYTES, MOST_BUFFER_BYTES);
        recorder.require(Integer.bitCount(bufferBytes) == 1, "buffer", "must be a power of two");
        return new RecorderConfig(
                file.isEmpty() ? null : Path.of(file), bufferBytes, recorder.bytes("max-bytes", 1, Long.MAX_VALUE));
    }
}
