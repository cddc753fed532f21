package io.cheshire.http.runtime.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/** The one file in which everything lies, or the memory instead of it. */
final class StoreFile {
    private static final String NAME = "kept.mv";
    private static final int CACHE_MB = 4;
    /** What was written over is kept so long, in case a machine dies before its disk has what came after. */
    private static final int RETENTION_MS = 5_000;

    private StoreFile() {}

    /**
     * Opens it, without a thread of its own: whoever changes something commits it.
     *
     * @param directory null: in memory
     * @throws IllegalArgumentException the directory can't be used, or another process uses it
     */
    static MVStore open(final @Nullable Path directory) {
        final MVStore.Builder builder =
                new MVStore.Builder().cacheSize(CACHE_MB).autoCommitDisabled();
        try {
            if (directory != null) {
                Files.createDirectories(directory);
                builder.fileName(directory.resolve(NAME).toString());
            }
            final MVStore store = builder.open();
            store.setRetentionTime(RETENTION_MS);
            store.setVersionsToKeep(0);
            return store;
        } catch (final IOException | MVStoreException e) {
            throw new IllegalArgumentException(
                    StoreConfig.SECTION + ".directory = " + directory + " can't be used ("
                            + e.getMessage() + "); name a directory that may be written and that no other process uses,"
                            + " or leave it empty to keep everything in memory",
                    e);
        }
    }

    /** Bytes by name: nothing else is ever made of what is read. */
    static MVMap<String, byte[]> map(final MVStore store, final String name) {
        return store.openMap(
                name,
                new MVMap.Builder<String, byte[]>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
    }
}
