package io.cheshire.ops.runtime.process;

import io.cheshire.expertnode.runtime.UnitSource;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.runtime.checkpoint.DigestedUnit;

/**
 * The units of a checkpoint. Its files are mapped, so what is written to them after they were verified would be loaded:
 * that is refused. Safe from any thread while the checkpoint is open.
 */
record CheckpointUnits(Checkpoint checkpoint) implements UnitSource {
    @Override
    public UnitWeights unit(final ExpertKey key) {
        return checkpoint.unit(key);
    }

    @Override
    public DigestedUnit digested(final ExpertKey key) {
        return checkpoint.digestedUnit(key);
    }

    @Override
    public void requireUnchanged(final ExpertKey key) {
        checkpoint.requireUnchanged();
    }
}
