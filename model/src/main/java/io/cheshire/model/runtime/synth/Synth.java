package io.cheshire.model.runtime.synth;

import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.core.checkpoint.ExpectedTensors;
import io.cheshire.model.core.checkpoint.ShardPlan;
import io.cheshire.model.core.checkpoint.SynthValues;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.checkpoint.CheckpointWriter;
import io.cheshire.model.runtime.checkpoint.Progress;
import java.nio.file.Path;

/**
 * Writes random checkpoints of any size in the hub layout, for benchmarks and tests of capacity. Well scaled, so that
 * activations stay ordinary, but they babble. No tokenizer is written.
 */
public final class Synth {
    private Synth() {}

    /**
     * How to write.
     *
     * @param seed       decides every value
     * @param dtype      element format
     * @param layout     how experts are stored
     * @param shardBytes most bytes of one file; a model that fits one file has no index
     * @param progress   told how far it is, in bytes
     */
    public record Options(long seed, Dtype dtype, CheckpointLayout layout, long shardBytes, Progress progress) {
        /** As the hub's tools cut files. */
        public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

        /** BF16 in the hub layout, 5 GB a file. */
        public static Options ofSeed(final long seed) {
            return new Options(seed, Dtype.BF16, CheckpointLayout.HUB, DEFAULT_SHARD_BYTES, Progress.NONE);
        }

        /** These options with another element format. */
        public Options withDtype(final Dtype other) {
            return new Options(seed, other, layout, shardBytes, progress);
        }

        /** These options with another file size. */
        public Options withShardBytes(final long bytes) {
            return new Options(seed, dtype, layout, bytes, progress);
        }

        /** These options with another listener. */
        public Options withProgress(final Progress listener) {
            return new Options(seed, dtype, layout, shardBytes, listener);
        }
    }

    /** Bytes of weights that {@link #write} would write. */
    public static long dataBytes(final ModelConfig config, final Options options) {
        return plan(config, options).dataBytes();
    }

    /**
     * Writes the model.
     *
     * @throws io.cheshire.model.protocol.ModelException if the directory already holds a model or the disk is too small
     */
    public static void write(final Path directory, final ModelConfig config, final Options options) {
        final ShardPlan plan = plan(config, options);
        final int elementBytes = options.dtype.bytes();
        // The table inside the values takes 1 % of the time of a chunk; kept per tensor, they would fill the heap.
        CheckpointWriter.write(
                directory,
                config,
                plan,
                (tensor, offset, into) -> new SynthValues(
                                options.seed, tensor.name(), tensor.shape().getLast(), options.dtype)
                        .fill(offset / elementBytes, into),
                options.progress);
    }

    private static ShardPlan plan(final ModelConfig config, final Options options) {
        return ShardPlan.of(ExpectedTensors.of(config, options.layout), options.dtype, options.shardBytes);
    }
}
