package io.cheshire.model.runtime.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folders in which {@code hf download} keeps a model: {@code models--ORG--NAME/snapshots/REVISION} holds nothing
 * but links into {@code models--ORG--NAME/blobs}.
 */
public final class HubCache {
    private static final String SNAPSHOTS = "snapshots";
    private static final String BLOBS = "blobs";
    private static final String PREFIX = "models--";
    private static final String SEPARATOR = "--";

    /** A model may lie in a folder of its snapshot, but not deep down. */
    private static final int MAX_FOLDERS = 3;

    private HubCache() {}

    /**
     * The folder that links of a model directory may not leave.
     *
     * @param real the directory, all links followed
     * @return the folder that holds {@code blobs} and {@code snapshots} where the directory is a snapshot or in one;
     * else itself
     */
    static Path rootOf(final Path real) {
        Path folder = real.getParent();
        for (int i = 0; i < MAX_FOLDERS && folder != null; i++) {
            final Path holder = folder.getParent();
            if (folder.endsWith(SNAPSHOTS)
                    && holder != null
                    && Files.isDirectory(holder.resolve(BLOBS), LinkOption.NOFOLLOW_LINKS)) {
                return holder;
            }
            folder = holder;
        }
        return real;
    }

    /** The snapshots in a hub cache's folder, to be named instead of it; null if this is no such folder. */
    static @Nullable String snapshotsOf(final Path real) {
        final Path snapshots = real.resolve(SNAPSHOTS);
        if (!Files.isDirectory(snapshots)) {
            return null;
        }
        try (Stream<Path> revisions = Files.list(snapshots)) {
            final List<String> names =
                    revisions.map(Path::toString).sorted().limit(MAX_FOLDERS).toList();
            return names.isEmpty() ? null : String.join(" or ", names);
        } catch (final IOException e) {
            return null;
        }
    }

    /**
     * The name of a model, from its directory.
     *
     * @return {@code NAME} for {@code models--ORG--NAME/snapshots/REVISION}, whose own name is only a number; else the
     * directory's
     *     name
     */
    public static String modelName(final Path directory) {
        final Path snapshots = directory.getParent();
        if (snapshots != null && snapshots.endsWith(SNAPSHOTS) && snapshots.getParent() != null) {
            final String holder = String.valueOf(snapshots.getParent().getFileName());
            if (holder.startsWith(PREFIX)) {
                return holder.substring(holder.lastIndexOf(SEPARATOR) + SEPARATOR.length());
            }
        }
        return String.valueOf(directory.getFileName());
    }
}
