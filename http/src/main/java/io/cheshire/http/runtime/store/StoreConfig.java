package io.cheshire.http.runtime.store;

import io.cheshire.settings.SettingReader;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code cheshire.router.http.store}; {@code reference.conf} explains each value.
 *
 * @param directory     where it is kept, or null: in memory, for as long as the process lives
 * @param responses     most responses
 * @param responseBytes most bytes of all responses
 * @param files         most files and batches, each
 * @param fileBytes     most bytes of all files, what batches answered included
 * @param batchLines    lines of one batch
 * @param batchesOpen   batches that aren't over
 * @param batchRequests lines of batches that are computed at a time
 * @param keptSeconds   after which everything is forgotten
 */
public record StoreConfig(
        @Nullable Path directory,
        int responses,
        long responseBytes,
        int files,
        long fileBytes,
        int batchLines,
        int batchesOpen,
        int batchRequests,
        long keptSeconds) {
    /** The section. */
    public static final String SECTION = "cheshire.router.http.store";

    private static final int MANY = 10_000_000;

    /** Reads the section {@code store} of the API's. */
    public static StoreConfig from(final SettingReader store) {
        final String directory = store.textOrEmpty("directory");
        return new StoreConfig(
                directory.isEmpty() ? null : Path.of(directory),
                store.number("responses", 1, MANY),
                store.bytes("response-bytes", 1, Long.MAX_VALUE),
                store.number("files", 1, MANY),
                store.bytes("file-bytes", 1, Long.MAX_VALUE),
                store.number("batch-lines", 1, MANY),
                store.number("batches-open", 1, MANY),
                store.number("batch-requests", 1, MANY),
                store.duration("kept", Duration.ofSeconds(1), Duration.ofDays(3650))
                        .toSeconds());
    }

    /** The same in a directory, or in memory. */
    public StoreConfig in(final @Nullable Path other) {
        return new StoreConfig(
                other, responses, responseBytes, files, fileBytes, batchLines, batchesOpen, batchRequests, keptSeconds);
    }
}
