package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A model directory: names that files inside it mention lead to regular files inside it, or are refused. */
final class ModelDirectory {
    private final Path shown;
    private final Path real;

    private ModelDirectory(final Path shown, final Path real) {
        this.shown = shown;
        this.real = real;
    }

    static ModelDirectory of(final Path directory) {
        try {
            final Path real = directory.toRealPath();
            if (!Files.isDirectory(real)) {
                throw new NotDirectoryException(directory.toString());
            }
            return new ModelDirectory(directory, real);
        } catch (final IOException e) {
            throw new ModelException(
                    directory + " cannot be opened",
                    List.of("it is not a readable directory; name the directory that holds config.json"));
        }
    }

    Path path() {
        return real;
    }

    boolean has(final String name) {
        return Files.exists(real.resolve(name));
    }

    /**
     * The regular file of that name.
     *
     * @throws ModelException if the name is absolute or leads out of the directory, by {@code ..} or by a symlink, or
     *     to no regular file
     */
    Path file(final String name) {
        final Path target;
        try {
            final Path relative = Path.of(name);
            if (name.isEmpty()
                    || relative.isAbsolute()
                    || !real.resolve(relative).normalize().startsWith(real)) {
                throw refused(name, "leads out of the model directory; names must be relative and stay inside");
            }
            target = real.resolve(relative).toRealPath();
        } catch (final InvalidPathException e) {
            throw refused(name, "is not a file name");
        } catch (final NoSuchFileException e) {
            throw refused(name, "does not exist; download it again");
        } catch (final FileSystemLoopException e) {
            throw refused(name, "is a circle of symbolic links");
        } catch (final IOException e) {
            throw refused(name, "cannot be opened: " + e.getMessage());
        }
        if (!target.startsWith(real)) {
            throw refused(name, "is a symbolic link out of the model directory; copy the model with `cp -rL` first");
        }
        if (!Files.isRegularFile(target)) {
            throw refused(name, "is not a regular file");
        }
        return target;
    }

    /** Reads a small file whole; one that is longer than {@code maxBytes} is refused before it is read. */
    byte[] read(final String name, final int maxBytes) {
        final Path file = file(name);
        try (InputStream in = Files.newInputStream(file)) {
            final byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw refused(name, "is longer than " + maxBytes + " bytes");
            }
            return bytes;
        } catch (final IOException e) {
            throw refused(name, "cannot be read: " + e.getMessage());
        }
    }

    /** Names of the regular files directly inside, sorted. */
    List<String> names() {
        try (Stream<Path> files = Files.list(real)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (final IOException e) {
            throw new ModelException(shown + " cannot be listed: " + e.getMessage(), e);
        }
    }

    ModelException refused(final String name, final String why) {
        return new ModelException(shown + " cannot be served", List.of(name + " " + why));
    }

    @Override
    public String toString() {
        return shown.toString();
    }
}
