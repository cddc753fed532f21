package io.cheshire.model.testing;

import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.core.checkpoint.ExpectedTensors;
import io.cheshire.model.core.checkpoint.ShardPlan;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.checkpoint.CheckpointWriter;
import io.cheshire.model.runtime.checkpoint.Progress;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Writes the golden model of docs/model.md §9 as a checkpoint directory in fp32; its outputs are in
 * {@link GoldenModel#golden}.
 */
public final class TinyGolden {
    private static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    private TinyGolden() {}

    /** Its config: 2 layers of 8 experts, hidden 32, vocabulary 64, context 64. */
    public static ModelConfig config() {
        return GoldenModel.config();
    }

    /** Writes it in one file. */
    public static Path write(final Path directory) {
        return write(directory, DEFAULT_SHARD_BYTES);
    }

    /** Writes it in files of at most {@code shardBytes}. */
    public static Path write(final Path directory, final long shardBytes) {
        final ShardPlan plan = ShardPlan.of(ExpectedTensors.of(config(), CheckpointLayout.HUB), Dtype.F32, shardBytes);
        CheckpointWriter.write(
                directory,
                config(),
                plan,
                (tensor, offset, into) -> {
                    final long[] shape =
                            tensor.shape().stream().mapToLong(Long::longValue).toArray();
                    MemorySegment.ofBuffer(into)
                            .copyFrom(GoldenModel.tensor(tensor.name(), shape).data());
                },
                Progress.NONE);
        return directory;
    }
}
