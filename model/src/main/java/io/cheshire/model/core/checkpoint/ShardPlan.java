package io.cheshire.model.core.checkpoint;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.safetensors.StoredDtype;
import io.cheshire.model.protocol.safetensors.TensorEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * How tensors are cut into files: in order, a new file when the next tensor would exceed the limit, as the hub's tools
 * do (docs/model.md §2.4). A tensor is never split, so one bigger than the limit gets a file of its own.
 *
 * @param shards what each file holds
 */
public record ShardPlan(List<Shard> shards) {
    /**
     * One file.
     *
     * @param fileName its name
     * @param tensors  in the order of their data
     */
    public record Shard(String fileName, List<TensorEntry> tensors) {
        public Shard {
            tensors = List.copyOf(tensors);
        }

        /** Bytes of its data buffer. */
        public long dataBytes() {
            return tensors.isEmpty() ? 0 : tensors.getLast().end();
        }
    }

    public ShardPlan {
        shards = List.copyOf(shards);
    }

    /** Plans files of at most {@code maxShardBytes} of data each. */
    public static ShardPlan of(final List<TensorSpec> tensors, final Dtype dtype, final long maxShardBytes) {
        return of(tensors, tensor -> dtype, maxShardBytes);
    }

    /** The same with a format for each tensor. */
    public static ShardPlan of(
            final List<TensorSpec> tensors, final Function<TensorSpec, Dtype> dtypes, final long maxShardBytes) {
        final List<List<TensorEntry>> files = new ArrayList<>();
        List<TensorEntry> current = new ArrayList<>();
        long offset = 0;
        for (final TensorSpec tensor : tensors) {
            final Dtype dtype = dtypes.apply(tensor);
            final long bytes = Math.multiplyExact(tensor.elementCount(), dtype.bytes());
            if (!current.isEmpty() && offset + bytes > maxShardBytes) {
                files.add(current);
                current = new ArrayList<>();
                offset = 0;
            }
            current.add(new TensorEntry(
                    tensor.name(), StoredDtype.of(dtype), tensor.shape(), offset, Math.addExact(offset, bytes)));
            offset += bytes;
        }
        files.add(current);
        return named(files);
    }

    /** Bytes of all data buffers. */
    public long dataBytes() {
        return shards.stream().mapToLong(Shard::dataBytes).sum();
    }

    private static ShardPlan named(final List<List<TensorEntry>> files) {
        final List<Shard> shards = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            final String name = files.size() == 1
                    ? "model.safetensors"
                    : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, files.size());
            shards.add(new Shard(name, files.get(i)));
        }
        return new ShardPlan(shards);
    }
}
