package io.cheshire.ops.runtime.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * When GPUs were lost on this host, in a file that outlives processes. A GPU that is lost again and again is left alone
 * for a while, so that its node doesn't join and vanish for ever.
 *
 * @param file one line a loss: second, UUID
 */
record LossRecord(Path file) {
    static final int MOST = 3;
    static final Duration WINDOW = Duration.ofMinutes(10);
    /** Far more lines than any supervisor writes in the window. */
    private static final long MAX_BYTES = 1 << 20;

    /** Writes one down. */
    void add(final String uuid, final Instant now) {
        try {
            if (Files.exists(file) && Files.size(file) > MAX_BYTES) {
                throw new IOException("it has more than " + MAX_BYTES + " bytes; look at it, and delete it");
            }
            Files.writeString(
                    file,
                    now.getEpochSecond() + " " + uuid + "\n",
                    StandardCharsets.US_ASCII,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (final IOException cause) {
            throw new UncheckedIOException("the loss of a GPU can't be written to " + file, cause);
        }
    }

    /** Whether the GPU is to be left alone. */
    boolean isQuarantined(final String uuid, final Instant now) {
        return recent(uuid, now) >= MOST;
    }

    private long recent(final String uuid, final Instant now) {
        if (!Files.exists(file)) {
            return 0;
        }
        try {
            final List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
            return lines.stream()
                    .filter(line -> line.matches("\\d{1,18} .+"))
                    .filter(line -> line.endsWith(" " + uuid))
                    .map(line -> Instant.ofEpochSecond(Long.parseLong(line.substring(0, line.indexOf(' ')))))
                    .filter(lost -> lost.isAfter(now.minus(WINDOW)) && !lost.isAfter(now))
                    .count();
        } catch (final IOException cause) {
            throw new UncheckedIOException("the losses of GPUs can't be read from " + file, cause);
        }
    }
}
