package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.safetensors.SafetensorsException;
import io.cheshire.model.protocol.safetensors.ShardIndex;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * All safetensors files of a directory and where each tensor lies. One file, or shards named by an index (docs/model.md
 * §2.4). Pickled weights are never opened: loading them can run code.
 */
final class TensorFiles {
    static final String SINGLE_FILE = "model.safetensors";
    private static final Pattern OTHER_WEIGHTS = Pattern.compile(".*\\.(bin|pt|pth|ckpt|pkl|gguf|npz|h5|msgpack)");

    private final List<MappedFile> files;
    private final Map<String, MappedFile> fileOf;
    private final Map<String, TensorEntry> entries;

    private TensorFiles(
            final List<MappedFile> files,
            final Map<String, MappedFile> fileOf,
            final Map<String, TensorEntry> entries) {
        this.files = List.copyOf(files);
        this.fileOf = Map.copyOf(fileOf);
        this.entries = Map.copyOf(entries);
    }

    /** Maps every file; all problems of all files are listed in one error. */
    static TensorFiles open(final ModelDirectory directory, final Arena arena) {
        final boolean sharded = directory.has(ModelFile.INDEX);
        final boolean single = directory.has(SINGLE_FILE);
        if (sharded && single) {
            throw directory.refused(
                    SINGLE_FILE,
                    "and " + ShardIndex.FILE_NAME + " are both there; remove the one that is not the model");
        }
        if (!sharded && !single) {
            throw noWeights(directory);
        }
        final ShardIndex index = sharded ? ShardIndex.parse(directory.require(ModelFile.INDEX)) : null;
        final List<String> problems = new ArrayList<>();
        final List<MappedFile> files = new ArrayList<>();
        for (final String name : index == null ? List.of(SINGLE_FILE) : index.files()) {
            openOne(directory, name, arena, files, problems);
        }
        final Map<String, MappedFile> fileOf = new HashMap<>();
        final Map<String, TensorEntry> entries = new HashMap<>();
        collect(files, fileOf, entries, problems);
        if (index != null && problems.isEmpty()) {
            compare(index, fileOf, problems);
        }
        if (!problems.isEmpty()) {
            throw new ModelException(directory + " cannot be served", problems);
        }
        return new TensorFiles(files, fileOf, entries);
    }

    List<MappedFile> files() {
        return files;
    }

    /** Tensor name → entry. */
    Map<String, TensorEntry> entries() {
        return entries;
    }

    /** The bytes of a tensor that is known to be there. */
    MemorySegment data(final String tensor) {
        return Objects.requireNonNull(fileOf.get(tensor), tensor)
                .data(Objects.requireNonNull(entries.get(tensor), tensor));
    }

    /**
     * Refuses files that were written to since they were mapped.
     *
     * @throws ModelException naming the file
     */
    void requireUnchanged() {
        files.forEach(file -> file.stamp().requireUnchanged(file.path()));
    }

    /** The same, and refuses files that have another in their place. */
    void requireInPlace() {
        files.forEach(file -> file.stamp().requireInPlace(file.path()));
    }

    private static void openOne(
            final ModelDirectory directory,
            final String name,
            final Arena arena,
            final List<MappedFile> files,
            final List<String> problems) {
        try {
            files.add(MappedFile.map(directory.open(name), arena));
        } catch (final ModelException e) {
            problems.addAll(e.problems());
        } catch (final SafetensorsException e) {
            problems.add(name + " was refused (" + e.kind() + "): " + e.getMessage() + "; download it again");
        } catch (final IOException e) {
            problems.add(name + " cannot be read: " + e.getMessage());
        }
    }

    private static void collect(
            final List<MappedFile> files,
            final Map<String, MappedFile> fileOf,
            final Map<String, TensorEntry> entries,
            final List<String> problems) {
        for (final MappedFile file : files) {
            for (final TensorEntry tensor : file.header().tensors()) {
                final MappedFile before = fileOf.putIfAbsent(tensor.name(), file);
                if (before != null) {
                    problems.add("tensor " + tensor.name() + " is in both " + before.name() + " and " + file.name());
                }
                entries.put(tensor.name(), tensor);
            }
        }
    }

    private static void compare(
            final ShardIndex index, final Map<String, MappedFile> fileOf, final List<String> problems) {
        index.fileOf().forEach((tensor, shard) -> {
            final MappedFile file = fileOf.get(tensor);
            if (file == null || !file.name().equals(shard)) {
                problems.add("tensor " + tensor + " should be in " + shard + " but is "
                        + (file == null ? "in no shard" : "in " + file.name()));
            }
        });
        fileOf.forEach((tensor, file) -> {
            if (!index.fileOf().containsKey(tensor)) {
                problems.add("tensor " + tensor + " of " + file.name() + " is not in " + ShardIndex.FILE_NAME);
            }
        });
        problems.sort(null);
    }

    private static ModelException noWeights(final ModelDirectory directory) {
        final List<String> names = directory.names();
        final List<String> others = names.stream()
                .filter(name -> OTHER_WEIGHTS.matcher(name).matches())
                .toList();
        if (!others.isEmpty()) {
            return new ModelException(
                    directory + " cannot be served",
                    List.of("its weights are in " + others.getFirst()
                            + ", a format that is never opened (a pickle can run"
                            + " code); convert the model to safetensors, or download its safetensors files"));
        }
        return new ModelException(
                directory + " cannot be served",
                List.of("neither " + SINGLE_FILE + " nor " + ShardIndex.FILE_NAME + " is there; download the weights"));
    }
}
