package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.router.core.RouterEffect;
import io.cheshire.router.core.RouterInput;
import java.util.List;

/** Changes what a router's life wants as the planted bug has it; without one all passes as it is. Holds nothing. */
record RouterForger(PlantedBug bug) {
    /** Whether the router acknowledges what its engine is still switching to. */
    boolean acknowledgesEarly() {
        return bug == PlantedBug.ACK_EPOCH_EARLY;
    }

    /** Whether the life doesn't hear of it. */
    boolean isLost(final RouterInput input) {
        return bug == PlantedBug.IGNORE_REGISTER_AGAIN
                && input instanceof RouterInput.Told(final RouterCommand.RegisterRouterAgain again);
    }

    /** Whether the life hears that it may leave, and nobody hears that it wants to. */
    boolean grantsLeave(final RouterEffect effect) {
        return bug == PlantedBug.LEAVE_UNHEARD
                && effect instanceof RouterEffect.Tell(final CoordinatorCommand.RouterLeaving leaving);
    }

    /** @param before what the engine used, or was switching to, before the life heard {@code input} */
    List<RouterEffect> wanted(final RouterInput input, final List<RouterEffect> effects, final CommandFence before) {
        if (bug == PlantedBug.APPLY_OLD_EPOCH
                && input instanceof RouterInput.Told(final RouterCommand.PlacementPublished published)
                && published.placement().epoch() < before.epoch()) {
            final CommandFence offered = new CommandFence(published.placement().epoch(), published.publisher());
            return List.of(new RouterEffect.Apply(offered, published.placement(), published.nodes()));
        }
        return effects;
    }
}
