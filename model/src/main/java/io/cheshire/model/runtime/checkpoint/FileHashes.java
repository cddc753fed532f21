package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.safetensors.ShardIndex;
import io.cheshire.model.runtime.checkpoint.CheckpointOptions.ManifestPolicy;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The SHA-256 of every file that was opened: from a manifest that was verified or is trusted, else computed once. */
final class FileHashes {
    private final TensorFiles files;
    private final Progress progress;
    private final @Nullable Manifest manifest;

    private FileHashes(final TensorFiles files, final Progress progress, final @Nullable Manifest manifest) {
        this.files = files;
        this.progress = progress;
        this.manifest = manifest;
    }

    /**
     * Applies the manifest policy.
     *
     * @throws ModelException if a listed file is missing or differs, if a file in use is not listed, or if a manifest is
     *     required and absent
     */
    static FileHashes open(final ModelDirectory directory, final TensorFiles files, final CheckpointOptions options) {
        if (!directory.has(Manifest.FILE_NAME)) {
            if (options.manifest() == ManifestPolicy.REQUIRE) {
                throw directory.refused(Manifest.FILE_NAME, "is required by configuration but is not there");
            }
            return new FileHashes(files, options.progress(), null);
        }
        final Manifest manifest = Manifest.read(directory);
        final List<String> problems = new ArrayList<>();
        for (final String used : filesInUse(directory, files)) {
            if (!manifest.sha256Of().containsKey(used)) {
                problems.add(used + " is used but not listed in " + Manifest.FILE_NAME + "; add it or remove the file");
            }
        }
        final SortedMap<String, Path> listed = locate(directory, manifest, problems);
        if (options.manifest() != ManifestPolicy.TRUST && problems.isEmpty()) {
            compare(manifest, FileHasher.sha256(listed, options.progress()), problems);
        }
        if (!problems.isEmpty()) {
            throw new ModelException(directory + " does not match its manifest", problems);
        }
        return new FileHashes(files, options.progress(), manifest);
    }

    /** Whether they are known already, from a manifest. */
    boolean areKnown() {
        return manifest != null;
    }

    /** Digests of the safetensors files by name. */
    SortedMap<String, String> ofTensorFiles() {
        final SortedMap<String, Path> paths = new TreeMap<>();
        files.files().forEach(file -> paths.put(file.name(), file.path()));
        if (manifest == null) {
            return FileHasher.sha256(paths, progress);
        }
        final SortedMap<String, String> digests = new TreeMap<>();
        for (final String name : paths.keySet()) {
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

    private static List<String> filesInUse(final ModelDirectory directory, final TensorFiles files) {
        final List<String> used = new ArrayList<>();
        used.add(Checkpoint.CONFIG_FILE);
        for (final String optional :
                List.of(ShardIndex.FILE_NAME, "generation_config.json", "tokenizer.json", "tokenizer_config.json")) {
            if (directory.has(optional)) {
                used.add(optional);
            }
        }
        files.files().forEach(file -> used.add(file.name()));
        return Collections.unmodifiableList(used);
    }

    private static SortedMap<String, Path> locate(
            final ModelDirectory directory, final Manifest manifest, final List<String> problems) {
        final SortedMap<String, Path> paths = new TreeMap<>();
        for (final String name : manifest.sha256Of().keySet()) {
            try {
                paths.put(name, directory.file(name));
            } catch (final ModelException e) {
                problems.addAll(e.problems());
            }
        }
        return paths;
    }

    private static void compare(
            final Manifest manifest, final Map<String, String> actual, final List<String> problems) {
        manifest.sha256Of().forEach((name, expected) -> {
            if (!expected.equals(actual.get(name))) {
                problems.add(name + " has SHA-256 " + actual.get(name) + "; the manifest says " + expected
                        + "; download it again");
            }
        });
    }
}
