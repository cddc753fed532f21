package io.cheshire.chaos.sim.check;

import io.cheshire.coordinator.core.CoordinatorEffect;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.RouterCommand;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a coordinator's life does beside its placement machine. */
public enum CoordinatorPath {
    /** A router reported a higher epoch than this coordinator's own, which then went above it. */
    EPOCH_SEEN_BY_REPORT,
    /** A node said so when it was commanded. */
    EPOCH_SEEN_BY_COMMAND,
    /** A router left in order. */
    ROUTER_LET_GO,
    /** Somebody said that a node has ended. */
    DOWN_ASKED,
    /** The node that was said to have ended was removed. */
    DOWN_DONE,
    /** The node that was said to have ended reported. */
    DOWN_REFUSED,
    /** A member sent more than its rate. */
    RATE_LIMITED,
    /** A member that nobody knew was asked to introduce itself. */
    REGISTER_AGAIN,
    /** Everybody reported when figures were wanted. */
    FRESH_STATE_SHOWN,
    /** Somebody didn't report in time when figures were wanted. */
    STALE_STATE_SHOWN,
    /** The balancer was asked for a plan. */
    REBALANCE_ASKED;

    /** What was met when a coordinator heard something and wanted something done. */
    public static <M> Set<CoordinatorPath> of(
            final CoordinatorInput<M> input, final List<CoordinatorEffect<M>> effects) {
        final Set<CoordinatorPath> met = EnumSet.noneOf(CoordinatorPath.class);
        switch (input) {
            case CoordinatorInput.Asked<M>(final OperatorRequest.Down down, final M asker) -> met.add(DOWN_ASKED);
            case CoordinatorInput.Asked<M>(final OperatorRequest.RebalanceNow now, final M asker) ->
                met.add(REBALANCE_ASKED);
            default -> {}
        }
        for (final CoordinatorEffect<M> effect : effects) {
            switch (effect) {
                case CoordinatorEffect.Note<M>(final var kind, final long epoch, final var reason) -> {
                    if (kind == ClusterEvent.Kind.RATE_LIMITED) {
                        met.add(RATE_LIMITED);
                    }
                    if (kind == ClusterEvent.Kind.EPOCH_SEEN && input instanceof CoordinatorInput.RouterReports) {
                        met.add(EPOCH_SEEN_BY_REPORT);
                    }
                    if (kind == ClusterEvent.Kind.EPOCH_SEEN
                            && input instanceof CoordinatorInput.Told<M>(final CoordinatorCommand.StaleCommand s)) {
                        met.add(EPOCH_SEEN_BY_COMMAND);
                    }
                    if (kind == ClusterEvent.Kind.REFUSED && input instanceof CoordinatorInput.DownDue) {
                        met.add(DOWN_REFUSED);
                    }
                }
                case final CoordinatorEffect.Down<M> down -> met.add(DOWN_DONE);
                case CoordinatorEffect.Tell<M>(final M to, final RouterCommand.LeaveGranted granted) ->
                    met.add(ROUTER_LET_GO);
                case CoordinatorEffect.Tell<M>(final M to, final RouterCommand.RegisterRouterAgain again) ->
                    met.add(REGISTER_AGAIN);
                case CoordinatorEffect.Show<M>(final M to, final List<String> notFresh) ->
                    met.add(notFresh.isEmpty() ? FRESH_STATE_SHOWN : STALE_STATE_SHOWN);
                default -> {}
            }
        }
        return met;
    }
}
