package io.cheshire.expertnode.core;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.Severity;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The life of one expert node in the control plane: registers, has units loaded and freed as the coordinator says,
 * reports, leaves in order. It decides, and its caller acts: what is due comes as an input, so it reads no clock. Used
 * by one thread.
 *
 * <pre>
 * from     | input        | when                                             | to
 * JOINING  | NodeAccepted | it holds no unit, or one is being loaded         | LOADING
 * JOINING  | NodeAccepted | it holds units already, and none is being loaded | LOADING, SERVING
 * JOINING  | NodeRefused  | asking again can't help                          | STOPPED
 * JOINING  | Leave        | always                                           | STOPPED
 * LOADING  | Loaded       | it was the last load, and a unit is held         | SERVING
 * LOADING  | LoadFailed   | it was the last load, and a unit is held         | SERVING
 * LOADING  | Leave        | always                                           | DRAINING
 * SERVING  | Leave        | always                                           | DRAINING
 * DRAINING | Drained      | it was told to drain                             | STOPPED
 * DRAINING | DrainFailed  | it was told to drain                             | STOPPED
 * DRAINING | LeaveExpired | it was told to drain                             | STOPPED
 * </pre>
 *
 * <p>Everything else leaves the state as it is; after STOPPED nothing counts. What is queued is drained when the
 * coordinator grants the leave, or didn't in time. A coordinator that is away changes nothing: the node serves what it
 * holds, and registers again once a coordinator asks it to.
 */
public final class NodeLife {
    /** A coordinator that hasn't answered so many reports is away. */
    private static final int UNANSWERED_REPORTS = 5;

    private final NodeRules rules;
    private final int nodeId;
    private final long incarnation;
    private final UnitInventory units = new UnitInventory();
    private final List<NodeEffect> effects = new ArrayList<>();
    private NodeState state = NodeState.JOINING;
    private CommandFence fence = CommandFence.OPEN;
    private boolean registered;
    private boolean draining;
    private boolean leaveGranted;
    private String leaveReason = "";
    private String stateReason = "it has just started";
    private long acceptedBy;
    private @Nullable String unsteadyBecause;
    private int unansweredReports;

    /** A node that has just started; {@link NodeInput.RegisterDue} makes it introduce itself. */
    public NodeLife(final NodeRules rules) {
        this.rules = rules;
        this.nodeId = rules.endpoint().nodeId();
        this.incarnation = rules.endpoint().incarnation();
    }

    /** Takes in what happened and says what is to be done about it, in order. */
    public List<NodeEffect> step(final NodeInput input) {
        if (state == NodeState.STOPPED) {
            return List.of();
        }
        switch (input) {
            case NodeInput.Told(final ExpertNodeCommand.FromCoordinator command) -> onCommand(command);
            case NodeInput.Leave(final String reason) -> onLeave(reason);
            case NodeInput.RegisterDue() -> onRegisterDue();
            case NodeInput.ReportDue() -> onReportDue();
            case NodeInput.LeaveExpired() -> onLeaveExpired();
            case NodeInput.Loaded(final HeldUnit unit) -> onLoaded(unit);
            case NodeInput.LoadFailed(final ExpertKey key, final String reason) -> onLoadFailed(key, reason);
            case NodeInput.Unloaded(final ExpertKey key) -> onUnloaded(key);
            case NodeInput.UnloadFailed(final ExpertKey key, final String reason) -> units.keep(key);
            case NodeInput.Probed(
                    final long probeId,
                    final ExpertKey key,
                    final String answerSha256,
                    final String failure) ->
                tell(new CoordinatorCommand.UnitProbed(nodeId, incarnation, probeId, key, answerSha256, failure));
            case NodeInput.Drained() -> onDrained(true);
            case NodeInput.DrainFailed(final String reason) -> onDrained(false);
        }
        final List<NodeEffect> wanted = List.copyOf(effects);
        effects.clear();
        return wanted;
    }

    /** Where it is in its life. */
    public NodeState state() {
        return state;
    }

    /** What it obeyed last. */
    public CommandFence fence() {
        return fence;
    }

    /** Units that it holds. */
    public List<HeldUnit> resident() {
        return units.resident();
    }

    /** The whole at a glance. */
    public NodeGlance glance() {
        return new NodeGlance(
                nodeId,
                state,
                stateReason,
                fence.epoch(),
                fence.publisher(),
                units.resident().stream().map(HeldUnit::key).toList(),
                units.toCome(),
                units.beingFreed(),
                notReady());
    }

    private @Nullable String notReady() {
        return switch (state) {
            case JOINING -> "no coordinator has accepted the node yet";
            case DRAINING -> "the node leaves: " + stateReason;
            case STOPPED -> "the node has stopped: " + stateReason;
            case LOADING, SERVING -> waitsFor();
        };
    }

    /** A node that was given nothing has nothing to wait for but the cluster. */
    private @Nullable String waitsFor() {
        if (!units.toCome().isEmpty()) {
            return units.toCome().size() + " units are yet to be loaded";
        }
        final String unsteady = unsteadyBecause;
        if (unsteady == null) {
            return "no coordinator has said yet whether the cluster is steady";
        }
        if (unansweredReports > UNANSWERED_REPORTS) {
            return "no coordinator answered the last " + unansweredReports + " reports";
        }
        return unsteady.isEmpty() ? null : "the cluster isn't steady: " + unsteady;
    }

    /** Whether others have read the unit before that is being loaded. */
    public boolean knowsWhatMustBe(final ExpertKey key) {
        return units.knowsWhatMustBe(key);
    }

    @Override
    public String toString() {
        return state + " " + units + ", obeys epoch " + fence.epoch() + " of publisher " + fence.publisher();
    }

    private void onCommand(final ExpertNodeCommand.FromCoordinator command) {
        switch (command) {
            case ExpertNodeCommand.NodeAccepted(final long publisher, final long epoch) -> onAccepted(publisher, epoch);
            case ExpertNodeCommand.NodeRefused(final String reason, final boolean retry) -> onRefused(reason, retry);
            case ExpertNodeCommand.RegisterNodeAgain(final String reason) -> onRegisterAgain(reason);
            case final ExpertNodeCommand.LoadUnits load -> onLoadUnits(load);
            case ExpertNodeCommand.UnloadUnits(final long epoch, final long publisher, final List<ExpertKey> keys) -> {
                if (obeys(epoch, publisher)) {
                    keys.forEach(this::unload);
                }
            }
            case ExpertNodeCommand.ProbeUnit(final long probeId, final ExpertKey key, final long seed) ->
                effects.add(new NodeEffect.Probe(probeId, key, seed));
            case ExpertNodeCommand.ReportNow(final long refreshId) -> report(refreshId);
            case ExpertNodeCommand.Steady(final long publisher, final long epoch, final String because) ->
                onSteady(publisher, because);
            case ExpertNodeCommand.LeaveGranted(final long epoch) -> onLeaveGranted(epoch);
        }
    }

    private void onAccepted(final long publisher, final long epoch) {
        registered = true;
        if (acceptedBy != publisher) {
            acceptedBy = publisher;
            unsteadyBecause = null;
        }
        if (state == NodeState.JOINING) {
            transition(NodeState.LOADING, "accepted by coordinator " + publisher + " at epoch " + epoch);
        }
        askToLeave();
        serveIfLoaded();
    }

    private void onRefused(final String reason, final boolean retry) {
        registered = false;
        log(Severity.WARN, "was refused" + (retry ? ", tries again" : "") + ": " + reason);
        if (!retry && state == NodeState.JOINING) {
            stop("refused: " + reason, false);
        }
    }

    private void onRegisterAgain(final String reason) {
        if (registered) {
            log(Severity.INFO, "registers again: " + reason);
        }
        registered = false;
        unsteadyBecause = null;
        register();
    }

    /** What a coordinator says that isn't the node's any more counts for nothing. */
    private void onSteady(final long publisher, final String because) {
        if (registered && publisher == acceptedBy) {
            unsteadyBecause = because;
            unansweredReports = 0;
        }
    }

    private void onRegisterDue() {
        if (registered) {
            askToLeave();
        } else {
            register();
        }
    }

    private void register() {
        effects.add(new NodeEffect.Register(new NodeHello(
                rules.clusterName(),
                rules.modelFingerprint(),
                rules.endpoint(),
                rules.memoryLimitBytes(),
                rules.unitBytes(),
                fence.epoch(),
                fence.publisher(),
                units.resident(),
                rules.failureDomain())));
    }

    /** Asks for the word that lets it go, as long as that hasn't come. */
    private void askToLeave() {
        if (state == NodeState.DRAINING && !draining) {
            tell(new CoordinatorCommand.NodeLeaving(nodeId, incarnation, leaveReason));
        }
    }

    private void onReportDue() {
        if (unansweredReports < Integer.MAX_VALUE) {
            unansweredReports++;
        }
        report(0);
    }

    private void report(final long refreshId) {
        effects.add(new NodeEffect.Report(refreshId, state, units.resident()));
    }

    /** Whether the command is of a coordinator that is up to date; one that isn't is told so. */
    private boolean obeys(final long epoch, final long publisher) {
        if (!fence.lets(epoch, publisher)) {
            tell(new CoordinatorCommand.StaleCommand(nodeId, incarnation, fence.epoch()));
            return false;
        }
        fence = fence.after(epoch, publisher);
        return true;
    }

    private void onLoadUnits(final ExpertNodeCommand.LoadUnits command) {
        if (obeys(command.epoch(), command.publisher())) {
            units.know(command.keys(), command.known());
            command.keys().forEach(this::load);
            loadNext();
        }
    }

    private void load(final ExpertKey key) {
        final HeldUnit held = units.held(key);
        if (held != null) {
            tell(new CoordinatorCommand.UnitLoaded(nodeId, incarnation, held));
        } else if (units.isBeingFreed(key) || draining) {
            final String why = draining ? "the node leaves" : "the unit is just being unloaded";
            tell(new CoordinatorCommand.UnitLoadFailed(nodeId, incarnation, key, why));
        } else {
            units.want(key);
        }
    }

    private void loadNext() {
        effects.addAll(units.begin(rules.concurrentLoads()));
    }

    private void onLoaded(final HeldUnit unit) {
        final String known = units.loadEnded(unit.key());
        if (known.isEmpty() || known.equals(unit.sha256())) {
            units.add(unit);
            tell(new CoordinatorCommand.UnitLoaded(nodeId, incarnation, unit));
        } else {
            log(
                    Severity.ERROR,
                    "read " + unit.key() + " as SHA-256 " + unit.sha256() + ", but the cluster serves " + known
                            + ": its model files differ from those of other nodes, so it doesn't use this unit");
            tell(new CoordinatorCommand.UnitDiffers(nodeId, incarnation, unit));
        }
        loadNext();
        serveIfLoaded();
    }

    private void onLoadFailed(final ExpertKey key, final String reason) {
        units.loadEnded(key);
        tell(new CoordinatorCommand.UnitLoadFailed(nodeId, incarnation, key, reason));
        loadNext();
        serveIfLoaded();
    }

    private void serveIfLoaded() {
        if (state == NodeState.LOADING && units.isLoaded()) {
            transition(NodeState.SERVING, "holds " + units.resident().size() + " units");
        }
    }

    private void unload(final ExpertKey key) {
        switch (units.free(key)) {
            case BEGIN -> effects.add(new NodeEffect.Unload(key));
            case UNDER_WAY -> {}
            case ABSENT -> tell(new CoordinatorCommand.UnitUnloaded(nodeId, incarnation, key));
        }
    }

    private void onUnloaded(final ExpertKey key) {
        units.freed(key);
        tell(new CoordinatorCommand.UnitUnloaded(nodeId, incarnation, key));
    }

    private void onLeave(final String reason) {
        if (state == NodeState.JOINING) {
            stop("left before it was accepted: " + reason, true);
        } else if (state != NodeState.DRAINING) {
            leaveReason = reason;
            transition(NodeState.DRAINING, reason);
            askToLeave();
            effects.add(new NodeEffect.StartLeaveTimer(rules.leaveTimeout()));
        }
    }

    private void onLeaveGranted(final long epoch) {
        if (state == NodeState.DRAINING && !draining) {
            log(Severity.INFO, "may leave: epoch " + epoch + " doesn't list it");
            drain(true);
        }
    }

    private void onLeaveExpired() {
        if (draining) {
            stop("what was queued wasn't answered in time", false);
        } else if (state == NodeState.DRAINING) {
            log(Severity.WARN, "leaves without the coordinator's word, for which it waited " + rules.leaveTimeout());
            drain(false);
        }
    }

    private void drain(final boolean granted) {
        draining = true;
        leaveGranted = granted;
        units.wantNothing();
        effects.add(new NodeEffect.Drain(granted));
        effects.add(new NodeEffect.StartLeaveTimer(rules.leaveTimeout()));
    }

    private void onDrained(final boolean allAnswered) {
        if (draining) {
            stop(leaveReason, leaveGranted && allAnswered);
        }
    }

    private void stop(final String reason, final boolean inOrder) {
        transition(NodeState.STOPPED, reason);
        report(0);
        effects.add(new NodeEffect.Stop(inOrder));
    }

    private void transition(final NodeState to, final String reason) {
        effects.add(new NodeEffect.Transition(state, to, reason));
        state = to;
        stateReason = reason;
    }

    private void tell(final CoordinatorCommand.OneWay message) {
        effects.add(new NodeEffect.Tell(message));
    }

    private void log(final Severity severity, final String text) {
        effects.add(new NodeEffect.Log(severity, text));
    }
}
