package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tells whether a mapped file is still what it was when it was verified. A mapping shows whatever is written to
 * its file later, so weights that are read again, or for the first time, could be others than those that were hashed. A
 * file that was renamed away or deleted goes on being what is mapped.
 *
 * @param bytes    length
 * @param modified time of the last write, as fine as the file system keeps it
 * @param key      which file it is, whatever it is called; null where the file system has no such thing
 */
record FileStamp(long bytes, FileTime modified, @Nullable Object key) {
    static FileStamp of(final Path file) throws IOException {
        final BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return new FileStamp(now.size(), now.lastModifiedTime(), now.fileKey());
    }

    /**
     * Refuses a file that was written to or cut off since.
     *
     * @throws ModelException naming the file, what changed and what to do
     */
    void requireUnchanged(final Path file) {
        final FileStamp now = now(file);
        if (now != null && isSameFile(now) && !(now.bytes == bytes && now.modified.equals(modified))) {
            throw new ModelException(
                    file + " was changed while this process used it",
                    List.of("it had " + bytes + " bytes, written at " + modified + "; now it has " + now.bytes
                            + ", written at " + now.modified + "; restore it and start this process again. To replace a"
                            + " model, put another file in its place by renaming, or use another directory"));
        }
    }

    /**
     * Refuses another file in its place: what was read by that name isn't what is mapped.
     *
     * @throws ModelException naming the file
     */
    void requireInPlace(final Path file) {
        requireUnchanged(file);
        final FileStamp now = now(file);
        if (now == null || !isSameFile(now)) {
            throw new ModelException(
                    file + " was replaced while this process opened it",
                    List.of("start this process again once the model's files are complete"));
        }
    }

    private boolean isSameFile(final FileStamp now) {
        return key == null || key.equals(now.key);
    }

    private static @Nullable FileStamp now(final Path file) {
        try {
            return of(file);
        } catch (final NoSuchFileException gone) {
            return null;
        } catch (final IOException failure) {
            throw new UncheckedIOException("can't tell whether " + file + " was changed", failure);
        }
    }
}
