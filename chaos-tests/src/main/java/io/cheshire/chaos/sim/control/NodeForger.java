package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.model.SimKernels;
import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.expertnode.core.NodeEffect;
import io.cheshire.expertnode.core.NodeInput;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.runtime.checkpoint.DigestedUnit;

/**
 * Changes what a node's life hears and what it wants as the planted bug has it; without one all passes as it is. Holds
 * nothing.
 */
record NodeForger(PlantedBug bug) {
    /** @param fence what the life obeyed last */
    NodeInput heard(final NodeInput input, final CommandFence fence) {
        return switch (bug) {
            case OBEY_OLD_EPOCH -> upToDate(input, fence);
            case LIE_ABOUT_LOAD ->
                input instanceof NodeInput.LoadFailed(final ExpertKey key, final String reason)
                        ? new NodeInput.Loaded(rightly(key))
                        : input;
            case USE_OTHER_BYTES ->
                input instanceof NodeInput.Loaded(final HeldUnit unit)
                        ? new NodeInput.Loaded(rightly(unit.key()))
                        : input;
            default -> input;
        };
    }

    /** Whether the life doesn't hear of it. */
    boolean isLost(final NodeInput input) {
        return bug == PlantedBug.IGNORE_REGISTER_AGAIN
                && input instanceof NodeInput.Told(final ExpertNodeCommand.RegisterNodeAgain again);
    }

    /** Whether the life hears that it may leave, whatever the coordinator says. */
    boolean grantsLeave(final NodeEffect effect) {
        return bug == PlantedBug.DRAIN_UNGRANTED
                && effect instanceof NodeEffect.Tell(final CoordinatorCommand.NodeLeaving leaving);
    }

    /** Whether the life hears at once that the unit's memory is free, and nobody frees it. */
    boolean keeps(final NodeEffect effect) {
        return bug == PlantedBug.KEEP_FREED_UNIT && effect instanceof NodeEffect.Unload;
    }

    /** What is done instead of the effect. */
    NodeEffect wanted(final NodeEffect effect) {
        return bug == PlantedBug.USE_OTHER_BYTES && effect instanceof final NodeEffect.Load load
                ? new NodeEffect.Load(load.key(), "")
                : effect;
    }

    private static NodeInput upToDate(final NodeInput input, final CommandFence fence) {
        return switch (input) {
            case NodeInput.Told(final ExpertNodeCommand.LoadUnits load)
            when !fence.lets(load.epoch(), load.publisher()) ->
                new NodeInput.Told(
                        new ExpertNodeCommand.LoadUnits(fence.epoch(), fence.publisher(), load.keys(), load.known()));
            case NodeInput.Told(final ExpertNodeCommand.UnloadUnits unload)
            when !fence.lets(unload.epoch(), unload.publisher()) ->
                new NodeInput.Told(new ExpertNodeCommand.UnloadUnits(fence.epoch(), fence.publisher(), unload.keys()));
            default -> input;
        };
    }

    private static HeldUnit rightly(final ExpertKey key) {
        return new HeldUnit(key, DigestedUnit.of(SimKernels.weights(key)).sha256());
    }
}
