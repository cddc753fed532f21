package io.cheshire.router.core;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.Severity;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;

/**
 * The life of one router in the control plane: registers, has placements applied, acknowledges each epoch once no shard
 * of an older one is open, reports, tells which units nobody answers for, leaves. It decides, and its caller acts: what
 * is due comes as an input, so it reads no clock. Used by one thread.
 *
 * <pre>
 * from     | input          | when                              | to
 * JOINING  | RouterAccepted | it has no placement yet           | LOADING
 * JOINING  | RouterAccepted | it has a placement already        | LOADING, SERVING
 * JOINING  | RouterRefused  | asking again can't help           | STOPPED
 * JOINING  | Leave          | always                            | STOPPED
 * LOADING  | Applied        | always                            | SERVING
 * LOADING  | Leave          | always                            | DRAINING
 * SERVING  | Leave          | always                            | DRAINING
 * DRAINING | LeaveGranted   | always                            | STOPPED
 * DRAINING | LeaveExpired   | always                            | STOPPED
 * </pre>
 *
 * <p>Everything else leaves the state as it is; after STOPPED nothing counts. A router that leaves has finished its
 * requests already. A coordinator that is away changes nothing: the router goes on with the placement that it has.
 */
public final class RouterLife {
    private final RouterRules rules;
    private final List<RouterEffect> effects = new ArrayList<>();
    private NodeState state = NodeState.JOINING;
    private CommandFence applying = CommandFence.OPEN;
    private CommandFence acknowledged = CommandFence.OPEN;
    private PlacementTarget.Unanswered toldUnanswered = PlacementTarget.Unanswered.NONE;
    private boolean registered;
    /** What it was refused for last, since it asks every second. */
    private String refusedFor = "";

    /** A router that has just started; {@link RouterInput.RegisterDue} makes it introduce itself. */
    public RouterLife(final RouterRules rules) {
        this.rules = rules;
    }

    /** Takes in what happened and says what is to be done about it, in order. */
    public List<RouterEffect> step(final RouterInput input) {
        if (state == NodeState.STOPPED) {
            return List.of();
        }
        switch (input) {
            case RouterInput.Told(final RouterCommand.FromCoordinator command) -> onCommand(command);
            case RouterInput.Leave(final String reason) -> onLeave(reason);
            case RouterInput.RegisterDue() -> onRegisterDue();
            case RouterInput.ReportDue() -> onReportDue();
            case RouterInput.LeaveExpired() -> stopIfLeaving("the coordinator didn't answer", false);
            case RouterInput.Looked(final PlacementTarget.Unanswered now) -> onLooked(now);
            case RouterInput.Applied(final CommandFence placement) -> onApplied(placement);
            case RouterInput.ApplyFailed(final CommandFence placement, final String reason) ->
                onApplyFailed(placement, reason);
        }
        final List<RouterEffect> wanted = List.copyOf(effects);
        effects.clear();
        return wanted;
    }

    /** Where it is in its life. */
    public NodeState state() {
        return state;
    }

    /** The placement that the engine uses or is switching to. */
    public CommandFence applying() {
        return applying;
    }

    /** The placement below which no shard is open. */
    public CommandFence acknowledged() {
        return acknowledged;
    }

    @Override
    public String toString() {
        return state + ", acknowledged epoch " + acknowledged.epoch() + " of publisher " + acknowledged.publisher()
                + ", applies " + applying.epoch() + " of " + applying.publisher();
    }

    private void onCommand(final RouterCommand.FromCoordinator command) {
        switch (command) {
            case RouterCommand.RouterAccepted(final long publisher) -> onAccepted(publisher);
            case RouterCommand.RouterRefused(final String reason, final boolean retry) -> onRefused(reason, retry);
            case RouterCommand.RegisterRouterAgain(final String reason) -> onRegisterAgain(reason);
            case final RouterCommand.PlacementPublished published -> onPublished(published);
            case RouterCommand.ReportNow(final long refreshId) -> report(refreshId);
            case RouterCommand.LeaveGranted(final long epoch) -> stopIfLeaving("left in order", true);
        }
    }

    private void onAccepted(final long publisher) {
        registered = true;
        refusedFor = "";
        if (state == NodeState.JOINING) {
            transition(NodeState.LOADING, "accepted by coordinator " + publisher);
            serveIfPlaced();
        }
    }

    private void onRefused(final String reason, final boolean retry) {
        registered = false;
        if (!reason.equals(refusedFor)) {
            refusedFor = reason;
            log(Severity.WARN, "was refused" + (retry ? ", tries again" : "") + ": " + reason);
        }
        if (!retry && state == NodeState.JOINING) {
            stop("refused: " + reason, false);
        }
    }

    private void onRegisterAgain(final String reason) {
        if (registered) {
            log(Severity.INFO, "registers again: " + reason);
        }
        registered = false;
        register();
    }

    private void onRegisterDue() {
        if (state == NodeState.DRAINING) {
            tellLeaving();
        } else if (!registered) {
            register();
        }
    }

    private void register() {
        effects.add(new RouterEffect.Register(new RouterHello(
                rules.clusterName(),
                rules.modelFingerprint(),
                rules.weightsSha256(),
                rules.routerId(),
                rules.incarnation(),
                acknowledged.epoch(),
                acknowledged.publisher())));
    }

    /** What lasts is said again: the coordinator may be a new one. */
    private void onReportDue() {
        report(0);
        if (!toldUnanswered.keys().isEmpty()) {
            tellUnanswered();
        }
    }

    private void report(final long refreshId) {
        effects.add(new RouterEffect.Report(refreshId, state, acknowledged.epoch()));
    }

    private void onLooked(final PlacementTarget.Unanswered now) {
        final boolean changed = !now.keys().equals(toldUnanswered.keys());
        toldUnanswered = now;
        if (changed) {
            logUnanswered(now.keys());
            tellUnanswered();
        }
    }

    private void logUnanswered(final List<ExpertKey> keys) {
        if (keys.isEmpty()) {
            log(Severity.INFO, "has a node that answers for every unit");
        } else {
            log(
                    Severity.WARN,
                    "has no node that answers for " + keys.size() + " units, " + keys.getFirst() + " the first");
        }
    }

    private void tellUnanswered() {
        tell(new CoordinatorCommand.UnitUnavailable(
                rules.routerId(), rules.incarnation(), toldUnanswered.epoch(), toldUnanswered.keys()));
    }

    /**
     * Epochs only grow; of two coordinators with one epoch only the first is obeyed, and both learn which: at once, or
     * as soon as that epoch is acknowledged. Never before, since the acknowledgement allows the release of units.
     */
    private void onPublished(final RouterCommand.PlacementPublished published) {
        final CommandFence offered = new CommandFence(published.placement().epoch(), published.publisher());
        if (!applying.lets(offered.epoch(), offered.publisher())) {
            if (applying.equals(acknowledged)) {
                acknowledge();
            }
        } else if (offered.equals(acknowledged)) {
            acknowledge();
        } else if (!offered.equals(applying)) {
            applying = offered;
            effects.add(new RouterEffect.Apply(offered, published.placement(), published.nodes()));
        }
    }

    private void onApplied(final CommandFence placement) {
        if (placement.epoch() > acknowledged.epoch()) {
            acknowledged = placement;
        }
        acknowledge();
        serveIfPlaced();
    }

    private void onApplyFailed(final CommandFence placement, final String reason) {
        log(Severity.ERROR, "can't apply epoch " + placement.epoch() + ": " + reason);
        if (applying.equals(placement)) {
            // The coordinator sends it again, and it is tried again.
            applying = acknowledged;
        }
    }

    private void serveIfPlaced() {
        if (state == NodeState.LOADING && !acknowledged.equals(CommandFence.OPEN)) {
            transition(NodeState.SERVING, "has epoch " + acknowledged.epoch());
        }
    }

    private void acknowledge() {
        tell(new CoordinatorCommand.EpochAcknowledged(
                rules.routerId(), rules.incarnation(), acknowledged.epoch(), acknowledged.publisher()));
    }

    private void onLeave(final String reason) {
        if (state == NodeState.JOINING) {
            stop("left before it was accepted: " + reason, true);
        } else if (state != NodeState.DRAINING) {
            transition(NodeState.DRAINING, reason);
            effects.add(new RouterEffect.StartLeaveTimer(rules.leaveTimeout()));
            tellLeaving();
        }
    }

    private void tellLeaving() {
        tell(new CoordinatorCommand.RouterLeaving(rules.routerId(), rules.incarnation(), "left in order"));
    }

    private void stopIfLeaving(final String reason, final boolean inOrder) {
        if (state == NodeState.DRAINING) {
            stop(reason, inOrder);
        }
    }

    private void stop(final String reason, final boolean inOrder) {
        transition(NodeState.STOPPED, reason);
        effects.add(new RouterEffect.Stop(inOrder));
    }

    private void transition(final NodeState to, final String reason) {
        effects.add(new RouterEffect.Transition(state, to, reason));
        state = to;
    }

    private void tell(final CoordinatorCommand.OneWay message) {
        effects.add(new RouterEffect.Tell(message));
    }

    private void log(final Severity severity, final String text) {
        effects.add(new RouterEffect.Log(severity, text));
    }
}
