package io.cheshire.model.testing;

import io.cheshire.model.core.checkpoint.CheckpointLayout;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.model.runtime.synth.Synth;
import io.cheshire.model.runtime.synth.SynthShape;
import java.nio.file.Path;

/** Random models of a few kilobytes, for tests of everything but numbers. */
public final class TinyModels {
    private TinyModels() {}

    /** 2 layers of 4 experts, hidden 16, experts of width 24, 4 heads of 4 with 2 key/value heads, vocabulary 32. */
    public static ModelConfig config() {
        return new SynthShape(16, 24, 2, 4, 2, 0, 4, 32, 64, 16).toConfig();
    }

    /** Writes the model of that seed in BF16, hub layout, one file. */
    public static Path write(final Path directory, final long seed) {
        return write(directory, seed, Dtype.BF16, CheckpointLayout.HUB, Long.MAX_VALUE);
    }

    /** Writes the model of that seed. */
    public static Path write(
            final Path directory,
            final long seed,
            final Dtype dtype,
            final CheckpointLayout layout,
            final long shardBytes) {
        Synth.write(directory, config(), new Synth.Options(seed, dtype, layout, shardBytes, Progress.NONE));
        return directory;
    }
}
