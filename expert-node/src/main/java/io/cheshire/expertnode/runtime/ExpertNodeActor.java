package io.cheshire.expertnode.runtime;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.MemberConfig;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.expertnode.core.UnitHost;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * The life of one expert node in the control plane: registers, loads and unloads units as the coordinator says, reports, leaves
 * in order. It commands a {@link UnitHost} and never waits for it. Pekko calls it with one message at a time. The units it
 * keeps track of are those of the model, each once, so its sets are bounded by the model.
 *
 * <pre>
 * state     event                                    to
 * JOINING   accepted                                 LOADING
 * JOINING   refused for good                         STOPPED
 * JOINING   leave                                    STOPPED
 * LOADING   no load is open and a unit is resident   SERVING
 * LOADING   leave                                    DRAINING
 * SERVING   leave                                    DRAINING
 * DRAINING  leave granted, or waited long enough; then what was queued is answered, or waited long enough   STOPPED
 * </pre>
 *
 * <p>Everything else leaves the state as it is. A coordinator that is away changes nothing: the node serves what it holds,
 * and registers again once a coordinator asks it to.
 */
public final class ExpertNodeActor extends AbstractMatchingBehavior<ExpertNodeActor.Message> {
    /**
     * What the node brings.
     *
     * @param modelFingerprint SHA-256 of its model
     * @param memoryLimitBytes bytes it may fill with weights
     * @param unitBytes        bytes one unit takes
     */
    public record Identity(String modelFingerprint, long memoryLimitBytes, long unitBytes) {}

    /** What this actor handles: what others said, and what it said to itself. */
    sealed interface Message {}

    private record Said(ExpertNodeCommand command) implements Message {}

    private record ReportTick() implements Message {}

    private record RegisterTick() implements Message {}

    private record LoadEnded(
            ExpertKey key,
            @Nullable HeldUnit unit,
            @Nullable Throwable failure) implements Message {}

    private record ProbeEnded(
            long probeId,
            ExpertKey key,
            @Nullable String answerSha256,
            @Nullable Throwable failure) implements Message {}

    private record UnloadEnded(ExpertKey key, @Nullable Throwable failure) implements Message {}

    private record Drained(boolean inOrder, @Nullable Throwable failure) implements Message {}

    private record LeaveExpired() implements Message {}

    private final Identity identity;
    private final UnitHost host;
    private final MemberConfig config;
    private final MemberListener listener;
    private final TimerScheduler<Message> timers;
    private final ActorRef<CoordinatorCommand> coordinator;
    private final ActorRef<ExpertNodeCommand> self;
    private final int nodeId;
    private final long incarnation;

    private final SortedMap<ExpertKey, HeldUnit> resident = new TreeMap<>();
    /** What units must be that others have read before; of the model's units each once, so bounded by it. */
    private final Map<ExpertKey, String> mustBe = new HashMap<>();

    private final Set<ExpertKey> toLoad = new LinkedHashSet<>();
    /** Units being loaded → what they must be, or empty. */
    private final SortedMap<ExpertKey, String> loading = new TreeMap<>();

    private final Set<ExpertKey> unloading = new TreeSet<>();
    private final List<ActorRef<Left>> awaitingLeave = new ArrayList<>();
    private NodeState state = NodeState.JOINING;
    private CommandFence fence = CommandFence.OPEN;
    private boolean registered;
    private boolean draining;
    private String leaveReason = "";

    private ExpertNodeActor(
            final ActorContext<Message> context,
            final TimerScheduler<Message> timers,
            final Identity identity,
            final UnitHost host,
            final ActorRef<CoordinatorCommand> coordinator,
            final MemberConfig config,
            final MemberListener listener) {
        super(context);
        context.setLoggerName(ExpertNodeActor.class);
        this.identity = identity;
        this.host = host;
        this.config = config;
        this.listener = listener;
        this.timers = timers;
        this.coordinator = coordinator;
        // Others speak ExpertNodeCommand; the transformation around this behavior accepts it under the same address.
        this.self = context.getSelf().unsafeUpcast();
        this.nodeId = host.endpoint().nodeId();
        this.incarnation = host.endpoint().incarnation();
        timers.startTimerWithFixedDelay(new ReportTick(), config.reportInterval());
        timers.startTimerWithFixedDelay(new RegisterTick(), config.registerInterval());
        register();
    }

    /**
     * An expert node.
     *
     * @param identity    what it brings
     * @param host        holds its weights; its endpoint gives the node's id and incarnation
     * @param coordinator the coordinator, or the proxy of wherever it is
     * @param config      intervals and limits
     * @param listener    told of each state
     */
    public static Behavior<ExpertNodeCommand> create(
            final Identity identity,
            final UnitHost host,
            final ActorRef<CoordinatorCommand> coordinator,
            final MemberConfig config,
            final MemberListener listener) {
        final Behavior<Message> behavior = Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new ExpertNodeActor(context, timers, identity, host, coordinator, config, listener)));
        return Behaviors.transformMessages(
                ExpertNodeCommand.class, behavior, match -> match.match(ExpertNodeCommand.class, Said::new));
    }

    @Override
    public Behavior<Message> onMessage(final Message message) {
        switch (message) {
            case Said(final ExpertNodeCommand command) -> onCommand(command);
            case ReportTick() -> report(0);
            case RegisterTick() -> onRegisterTick();
            case LoadEnded(final ExpertKey key, final @Nullable HeldUnit unit, final @Nullable Throwable failure) ->
                onLoadEnded(key, unit, failure);
            case final ProbeEnded ended -> onProbeEnded(ended);
            case UnloadEnded(final ExpertKey key, final @Nullable Throwable failure) -> onUnloadEnded(key, failure);
            case Drained(final boolean inOrder, final @Nullable Throwable failure) -> onDrained(inOrder, failure);
            case LeaveExpired() -> onLeaveExpired();
        }
        return state == NodeState.STOPPED ? Behaviors.stopped() : this;
    }

    private void onCommand(final ExpertNodeCommand command) {
        switch (command) {
            case ExpertNodeCommand.NodeAccepted(final long publisher, final long epoch) -> onAccepted(publisher, epoch);
            case ExpertNodeCommand.NodeRefused(final String reason, final boolean retry) -> onRefused(reason, retry);
            case ExpertNodeCommand.RegisterNodeAgain(final String reason) -> onRegisterAgain(reason);
            case ExpertNodeCommand.LoadUnits(
                    final long epoch,
                    final long publisher,
                    final List<ExpertKey> keys,
                    final List<HeldUnit> known) -> {
                if (obeys(epoch, publisher)) {
                    mustBe.keySet().removeAll(keys); // what another coordinator knew
                    known.forEach(unit -> mustBe.put(unit.key(), unit.sha256()));
                    keys.forEach(this::load);
                    loadNext();
                }
            }
            case ExpertNodeCommand.UnloadUnits(final long epoch, final long publisher, final List<ExpertKey> keys) -> {
                if (obeys(epoch, publisher)) {
                    keys.forEach(this::unload);
                }
            }
            case ExpertNodeCommand.ProbeUnit(final long probeId, final ExpertKey key, final long seed) ->
                getContext()
                        .pipeToSelf(
                                host.probe(key, seed),
                                (answer, failure) -> new ProbeEnded(probeId, key, answer, failure));
            case ExpertNodeCommand.ReportNow(final long refreshId) -> report(refreshId);
            case ExpertNodeCommand.LeaveGranted(final long epoch) -> onLeaveGranted(epoch);
            case ExpertNodeCommand.Leave(final String reason, final ActorRef<Left> replyTo) -> onLeave(reason, replyTo);
        }
    }

    private void onAccepted(final long publisher, final long epoch) {
        registered = true;
        if (state == NodeState.JOINING) {
            transition(NodeState.LOADING, "accepted by coordinator " + publisher + " at epoch " + epoch);
        }
        if (state == NodeState.DRAINING && !draining) {
            coordinator.tell(new CoordinatorCommand.NodeLeaving(nodeId, incarnation, leaveReason));
        }
        serveIfLoaded();
    }

    private void onRefused(final String reason, final boolean retry) {
        registered = false;
        getContext().getLog().warn("node {} was refused{}: {}", nodeId, retry ? ", tries again" : "", reason);
        if (!retry && state == NodeState.JOINING) {
            stop("refused: " + reason, false);
        }
    }

    private void onRegisterAgain(final String reason) {
        if (registered) {
            getContext().getLog().info("node {} registers again: {}", nodeId, reason);
        }
        registered = false;
        register();
    }

    private void onRegisterTick() {
        if (!registered) {
            register();
        } else if (state == NodeState.DRAINING && !draining) {
            coordinator.tell(new CoordinatorCommand.NodeLeaving(nodeId, incarnation, leaveReason));
        }
    }

    private void register() {
        final NodeHello hello = new NodeHello(
                config.clusterName(),
                identity.modelFingerprint(),
                host.endpoint(),
                identity.memoryLimitBytes(),
                identity.unitBytes(),
                fence.epoch(),
                fence.publisher(),
                List.copyOf(resident.values()));
        coordinator.tell(new CoordinatorCommand.RegisterNode(hello, self));
    }

    private void report(final long refreshId) {
        final NodeReport report = new NodeReport(
                nodeId, incarnation, state, List.copyOf(resident.values()), host.loads(), host.residentBytes());
        coordinator.tell(new CoordinatorCommand.NodeReported(report, refreshId, self));
    }

    /** Whether the command is of a coordinator that is up to date; one that isn't is told so. */
    private boolean obeys(final long epoch, final long publisher) {
        if (!fence.lets(epoch, publisher)) {
            coordinator.tell(new CoordinatorCommand.StaleCommand(nodeId, incarnation, fence.epoch()));
            return false;
        }
        fence = fence.after(epoch, publisher);
        return true;
    }

    private void load(final ExpertKey key) {
        final HeldUnit held = resident.get(key);
        if (held != null && !unloading.contains(key)) {
            coordinator.tell(new CoordinatorCommand.UnitLoaded(nodeId, incarnation, held));
        } else if (unloading.contains(key) || draining) {
            coordinator.tell(new CoordinatorCommand.UnitLoadFailed(
                    nodeId, incarnation, key, draining ? "the node leaves" : "the unit is just being unloaded"));
        } else if (!loading.containsKey(key)) {
            toLoad.add(key);
        }
    }

    private void loadNext() {
        while (loading.size() < config.concurrentLoads() && !toLoad.isEmpty()) {
            final ExpertKey key = toLoad.iterator().next();
            toLoad.remove(key);
            final String known = Objects.requireNonNullElse(mustBe.remove(key), "");
            loading.put(key, known);
            getContext().pipeToSelf(host.load(key, known), (loaded, failure) -> new LoadEnded(key, loaded, failure));
        }
    }

    private void onLoadEnded(final ExpertKey key, final @Nullable HeldUnit unit, final @Nullable Throwable failure) {
        final String known = Objects.requireNonNullElse(loading.remove(key), "");
        if (unit != null && !known.isEmpty() && !known.equals(unit.sha256())) {
            getContext()
                    .getLog()
                    .error(
                            "node {} read {} as SHA-256 {}, but the cluster serves {}: its model files differ from"
                                    + " those of other nodes, so it doesn't use this unit",
                            nodeId,
                            key,
                            unit.sha256(),
                            known);
            coordinator.tell(new CoordinatorCommand.UnitDiffers(nodeId, incarnation, unit));
        } else if (unit != null) {
            resident.put(key, unit);
            coordinator.tell(new CoordinatorCommand.UnitLoaded(nodeId, incarnation, unit));
        } else if (failure != null) {
            getContext().getLog().warn("node {} could not load {}", nodeId, key, failure);
            coordinator.tell(new CoordinatorCommand.UnitLoadFailed(nodeId, incarnation, key, messageOf(failure)));
        }
        loadNext();
        serveIfLoaded();
    }

    private void onProbeEnded(final ProbeEnded ended) {
        final String answer = ended.answerSha256() == null ? "" : ended.answerSha256();
        final String why = ended.failure() == null ? "" : messageOf(ended.failure());
        coordinator.tell(
                new CoordinatorCommand.UnitProbed(nodeId, incarnation, ended.probeId(), ended.key(), answer, why));
    }

    private void serveIfLoaded() {
        if (state == NodeState.LOADING && loading.isEmpty() && toLoad.isEmpty() && !resident.isEmpty()) {
            transition(NodeState.SERVING, "holds " + resident.size() + " units");
        }
    }

    private void unload(final ExpertKey key) {
        toLoad.remove(key);
        if (resident.containsKey(key)) {
            if (unloading.add(key)) {
                getContext().pipeToSelf(host.unload(key), (unloaded, failure) -> new UnloadEnded(key, failure));
            }
        } else if (!loading.containsKey(key)) {
            coordinator.tell(new CoordinatorCommand.UnitUnloaded(nodeId, incarnation, key));
        }
    }

    private void onUnloadEnded(final ExpertKey key, final @Nullable Throwable failure) {
        unloading.remove(key);
        if (failure == null) {
            resident.remove(key);
            coordinator.tell(new CoordinatorCommand.UnitUnloaded(nodeId, incarnation, key));
        } else {
            // It stays resident in the reports, so the coordinator tells it again.
            getContext().getLog().warn("node {} could not unload {}", nodeId, key, failure);
        }
    }

    private void onLeave(final String reason, final ActorRef<Left> replyTo) {
        awaitingLeave.add(replyTo);
        if (state == NodeState.JOINING) {
            stop("left before it was accepted: " + reason, true);
        } else if (state != NodeState.DRAINING) {
            leaveReason = reason;
            transition(NodeState.DRAINING, reason);
            coordinator.tell(new CoordinatorCommand.NodeLeaving(nodeId, incarnation, reason));
            timers.startSingleTimer(new LeaveExpired(), config.leaveTimeout());
        }
    }

    private void onLeaveGranted(final long epoch) {
        if (state == NodeState.DRAINING && !draining) {
            getContext().getLog().info("node {} may leave: epoch {} doesn't list it", nodeId, epoch);
            drain(true);
        }
    }

    private void onLeaveExpired() {
        if (draining) {
            stop("what was queued wasn't answered in time", false);
        } else {
            getContext()
                    .getLog()
                    .warn(
                            "node {} leaves without the coordinator's word, for which it waited {}",
                            nodeId,
                            config.leaveTimeout());
            drain(false);
            timers.startSingleTimer(new LeaveExpired(), config.leaveTimeout());
        }
    }

    private void drain(final boolean inOrder) {
        draining = true;
        toLoad.clear();
        getContext().pipeToSelf(host.drain(), (done, failure) -> new Drained(inOrder, failure));
    }

    private void onDrained(final boolean inOrder, final @Nullable Throwable failure) {
        if (failure != null) {
            getContext().getLog().warn("node {} could not drain", nodeId, failure);
        }
        stop(leaveReason, inOrder && failure == null);
    }

    private void stop(final String reason, final boolean inOrder) {
        transition(NodeState.STOPPED, reason);
        report(0);
        awaitingLeave.forEach(replyTo -> replyTo.tell(new Left(inOrder)));
        awaitingLeave.clear();
    }

    private void transition(final NodeState to, final String reason) {
        final NodeState from = state;
        state = to;
        getContext().getLog().info("node {}: {} -> {}: {}", nodeId, from, to, reason);
        listener.onTransition(from, to, reason);
    }

    private static String messageOf(final Throwable failure) {
        final Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
