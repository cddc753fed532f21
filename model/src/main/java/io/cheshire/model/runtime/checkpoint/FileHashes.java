package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ManifestPolicy;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The SHA-256 of every safetensors file: from a manifest that was verified or is trusted, else computed once. The
 * manifest is held against what is there to be read, which {@link ModelFile} and the shard index say, and nobody's list
 * beside them.
 */
final class FileHashes {
    private final ModelDirectory directory;
    private final TensorFiles files;
    private final Progress progress;

    private FileHashes(final ModelDirectory directory, final TensorFiles files, final Progress progress) {
        this.directory = directory;
        this.files = files;
        this.progress = progress;
    }

    /**
     * Applies the manifest policy to files that are read later, or only in part.
     *
     * @throws ModelException if a listed file is missing or differs, or if a file that would be read is not listed
     */
    static FileHashes open(final ModelDirectory directory, final TensorFiles files, final CheckpointOptions options) {
        final Manifest manifest = directory.manifest();
        if (manifest == null) {
            return new FileHashes(directory, files, options.progress());
        }
        final List<String> problems = new ArrayList<>();
        // Refused by the gate, too; here all of them are named at once, also by processes that don't read them.
        for (final String used : directory.present()) {
            if (!manifest.sha256Of().containsKey(used)) {
                problems.add(used + " is used but not listed in " + Manifest.FILE_NAME + "; add it or remove the file");
            }
        }
        final SortedSet<String> listed = locate(directory, manifest, problems);
        if (options.manifest() != ManifestPolicy.TRUST && problems.isEmpty()) {
            compare(manifest, FileHasher.sha256(directory, listed, options.progress()), problems);
            files.requireInPlace(); // files are hashed by their names
        }
        if (!problems.isEmpty()) {
            throw new ModelException(directory + " does not match its manifest", problems);
        }
        return new FileHashes(directory, files, options.progress());
    }

    /** Whether they are known already, from a manifest. */
    boolean areKnown() {
        return directory.manifest() != null;
    }

    /** Digests of the safetensors files by name. */
    SortedMap<String, String> ofTensorFiles() {
        final SortedSet<String> names = new TreeSet<>();
        files.files().forEach(file -> names.add(file.name()));
        final Manifest manifest = directory.manifest();
        if (manifest == null) {
            return FileHasher.sha256(directory, names, progress);
        }
        final SortedMap<String, String> digests = new TreeMap<>();
        for (final String name : names) {
            digests.put(name, Objects.requireNonNull(manifest.sha256Of().get(name), name));
        }
        return digests;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static SortedSet<String> locate(
            final ModelDirectory directory, final Manifest manifest, final List<String> problems) {
        final SortedSet<String> names = new TreeSet<>();
        for (final String name : manifest.sha256Of().keySet()) {
            try {
                directory.file(name);
                names.add(name);
            } catch (final ModelException e) {
                problems.addAll(e.problems());
            }
        }
        return names;
    }

    private static void compare(
            final Manifest manifest, final Map<String, String> actual, final List<String> problems) {
        manifest.sha256Of().forEach((name, expected) -> {
            if (!expected.equals(actual.get(name))) {
                problems.add(name + " " + Manifest.differs(actual.get(name), expected));
            }
        });
    }
}
