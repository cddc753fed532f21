package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ManifestPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model directory, and the one gate through which a file of it is opened. A name leads to a regular file below the
 * directory's {@link HubCache root}, or is refused; so is a file that a manifest doesn't list, and one that is read
 * whole and isn't what the manifest says. What was read is recorded with its digest.
 *
 * <p>Safe from any thread.
 */
public final class ModelDirectory {
    /** A file that passed the gate: whoever asked closes {@code channel}. */
    record OpenFile(String name, Path path, FileStamp stamp, FileChannel channel) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private final Path shown;
    private final Path real;
    private final Path root;
    private final ManifestPolicy policy;
    private @Nullable Manifest manifest;
    private final SortedMap<String, String> readSha256 = new TreeMap<>();

    private ModelDirectory(final Path shown, final Path real, final ManifestPolicy policy) {
        this.shown = shown;
        this.real = real;
        this.root = HubCache.rootOf(real);
        this.policy = policy;
    }

    /** Opens with the manifest policy of {@link CheckpointOptions#DEFAULT}. */
    public static ModelDirectory open(final Path directory) {
        return open(directory, CheckpointOptions.DEFAULT.manifest());
    }

    /**
     * Opens a directory and reads its manifest, if there is one.
     *
     * @throws ModelException if it is no readable directory, or if its manifest is required and absent, or is none
     */
    public static ModelDirectory open(final Path directory, final ManifestPolicy policy) {
        final ModelDirectory models = unlisted(directory, policy);
        if (models.has(Manifest.FILE_NAME)) {
            models.manifest = Manifest.parse(models.read(Manifest.FILE_NAME, Manifest.MAX_BYTES), directory.toString());
        } else if (policy == ManifestPolicy.REQUIRE) {
            throw models.refused(Manifest.FILE_NAME, "is required by configuration but is not there");
        }
        return models;
    }

    /** Without a look at its manifest: for whoever only lists names. */
    static ModelDirectory unlisted(final Path directory, final ManifestPolicy policy) {
        try {
            final Path real = directory.toRealPath();
            if (!Files.isDirectory(real)) {
                throw new NotDirectoryException(directory.toString());
            }
            return new ModelDirectory(directory, real, policy);
        } catch (final IOException e) {
            throw new ModelException(
                    directory + " cannot be opened",
                    List.of("it is not a readable directory; name the directory that holds config.json"));
        }
    }

    Path path() {
        return real;
    }

    @Nullable
    Manifest manifest() {
        return manifest;
    }

    /** Whether the name is taken, be it by a link that leads nowhere. */
    public boolean has(final String name) {
        return Files.exists(real.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /** As {@link #has(String)}. */
    public boolean has(final ModelFile file) {
        return has(file.fileName());
    }

    /**
     * Reads a file whole.
     *
     * @return its bytes; null if there is none
     * @throws ModelException if there is one that can't be used, with its name
     */
    public byte @Nullable [] read(final ModelFile file) {
        return has(file) ? read(file.fileName(), file.maxBytes()) : null;
    }

    /**
     * Reads a file that has to be there.
     *
     * @throws ModelException if it isn't, or can't be used
     */
    public byte[] require(final ModelFile file) {
        if (!has(file)) {
            final String snapshots = HubCache.snapshotsOf(real);
            throw refused(
                    file.fileName(),
                    "does not exist; "
                            + (snapshots == null
                                    ? "download it again"
                                    : "this is the folder of a hub cache, so name its snapshot: " + snapshots));
        }
        return read(file.fileName(), file.maxBytes());
    }

    /**
     * SHA-256 of a file as it was read.
     *
     * @return in lower-case hexadecimal; null if it wasn't read
     */
    public synchronized @Nullable String sha256Of(final ModelFile file) {
        return readSha256.get(file.fileName());
    }

    /** The files that are there for this server to read, weights apart, by name. */
    Set<String> present() {
        final Set<String> names = new TreeSet<>();
        for (final ModelFile file : ModelFile.values()) {
            if (has(file)) {
                names.add(file.fileName());
            }
        }
        return names;
    }

    /**
     * Opens a file, to be mapped or hashed.
     *
     * @throws ModelException if the name leads out of the directory's root, by {@code ..} or by a link, or to no
     * regular file, or
     *     if the manifest doesn't list it
     */
    OpenFile open(final String name) {
        final Path file = file(name);
        if (manifest != null
                && !name.equals(Manifest.FILE_NAME)
                && !manifest.sha256Of().containsKey(name)) {
            throw refused(name, "is used but not listed in " + Manifest.FILE_NAME + "; add it or remove the file");
        }
        try {
            // Before it is opened: what happens to the file from now on is noticed.
            final FileStamp stamp = FileStamp.of(file);
            return new OpenFile(
                    name, file, stamp, FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        } catch (final IOException e) {
            throw refused(name, "cannot be read: " + e.getMessage());
        }
    }

    /** The regular file of that name, all links followed; refusals as in {@link #open(String)}. */
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
            throw refused(name, missing(name));
        } catch (final FileSystemLoopException e) {
            throw refused(name, "is a circle of symbolic links");
        } catch (final IOException e) {
            throw refused(name, "cannot be opened: " + e.getMessage());
        }
        if (!target.startsWith(root)) {
            throw refused(
                    name,
                    root.equals(real)
                            ? "is a symbolic link out of the model directory; copy the model with `cp -rL` first"
                            : "is a symbolic link out of its hub cache folder " + root + "; download it again");
        }
        if (!Files.isRegularFile(target)) {
            throw refused(name, "is not a regular file");
        }
        return target;
    }

    private String missing(final String name) {
        final Path link = real.resolve(name);
        if (!Files.isSymbolicLink(link)) {
            return "does not exist; download it again";
        }
        try {
            return "does not exist: it is a link to " + Files.readSymbolicLink(link)
                    + ", which is not there, as after an interrupted download; download it again";
        } catch (final IOException e) {
            return "is a symbolic link that cannot be read: " + e.getMessage();
        }
    }

    private byte[] read(final String name, final int maxBytes) {
        try (OpenFile file = open(name);
                InputStream in = Channels.newInputStream(file.channel())) {
            if (file.stamp().bytes() > maxBytes) {
                throw refused(name, "has " + file.stamp().bytes() + " bytes; the limit is " + maxBytes);
            }
            final byte[] bytes = in.readNBytes(maxBytes + 1);
            // A file that grew, or that was written while it was read, is none that anybody meant.
            file.stamp().requireInPlace(file.path());
            final String sha256 = sha256(bytes);
            requireListed(name, sha256);
            synchronized (this) {
                readSha256.put(name, sha256);
            }
            return bytes;
        } catch (final IOException e) {
            throw refused(name, "cannot be read: " + e.getMessage());
        }
    }

    private void requireListed(final String name, final String sha256) {
        if (manifest == null || policy == ManifestPolicy.TRUST) {
            return;
        }
        final String listed = manifest.sha256Of().get(name);
        if (listed != null && !listed.equals(sha256)) {
            throw refused(name, Manifest.differs(sha256, listed));
        }
    }

    private static String sha256(final byte[] bytes) {
        final MessageDigest digest = FileHashes.sha256();
        return HexFormat.of().formatHex(digest.digest(bytes));
    }

    /** Names of the files directly inside, sorted. */
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
