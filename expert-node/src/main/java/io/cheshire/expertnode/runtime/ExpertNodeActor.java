package io.cheshire.expertnode.runtime;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.Left;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.MemberConfig;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.coordinator.runtime.MemberVoice;
import io.cheshire.expertnode.core.NodeEffect;
import io.cheshire.expertnode.core.NodeGlance;
import io.cheshire.expertnode.core.NodeInput;
import io.cheshire.expertnode.core.NodeLife;
import io.cheshire.expertnode.core.NodeRules;
import io.cheshire.expertnode.core.UnitHost;
import io.cheshire.model.protocol.ExpertKey;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * An expert node in the control plane: the shell around its {@link NodeLife}, which decides. Turns messages, timers and
 * what the {@link UnitHost} answers into inputs, and carries out the effects. Pekko calls it with one message at a
 * time; it never waits.
 */
public final class ExpertNodeActor extends AbstractMatchingBehavior<ExpertNodeActor.Message> {
    /**
     * What the node brings.
     *
     * @param modelFingerprint SHA-256 of its model
     * @param memoryLimitBytes bytes it may fill with weights
     * @param unitBytes        bytes one unit takes
     * @param failureDomain    what it shares with nodes that fail together with it; empty: nothing
     */
    public record Identity(String modelFingerprint, long memoryLimitBytes, long unitBytes, String failureDomain) {}

    /** What this actor handles: what others said, and what it said to itself. */
    sealed interface Message {}

    private record Said(ExpertNodeCommand command) implements Message {}

    private record Due(NodeInput input) implements Message {}

    private record Ended(NodeInput input, @Nullable Throwable failure) implements Message {}

    private final UnitHost host;
    private final MemberVoice voice;
    private final Consumer<NodeGlance> onlooker;
    private final TimerScheduler<Message> timers;
    private final ActorRef<CoordinatorCommand> coordinator;
    private final ActorRef<ExpertNodeCommand> self;
    private final NodeLife life;

    private ExpertNodeActor(
            final ActorContext<Message> context,
            final TimerScheduler<Message> timers,
            final UnitHost host,
            final ActorRef<CoordinatorCommand> coordinator,
            final NodeLife life,
            final MemberListener listener,
            final Consumer<NodeGlance> onlooker) {
        super(context);
        context.setLoggerName(ExpertNodeActor.class);
        this.host = host;
        this.voice = new MemberVoice(context, "node " + host.endpoint().nodeId(), listener);
        this.onlooker = onlooker;
        this.timers = timers;
        this.coordinator = coordinator;
        this.life = life;
        // Others speak ExpertNodeCommand; the transformation around this behavior accepts it under the same address.
        this.self = context.getSelf().unsafeUpcast();
        step(new NodeInput.RegisterDue());
    }

    /**
     * An expert node.
     *
     * @param identity    what it brings
     * @param host        holds its weights; its endpoint gives the node's id and incarnation
     * @param coordinator the coordinator, or the proxy of wherever it is
     * @param config      intervals and limits
     * @param listener    told of each state
     * @param onlooker    shown the node's life whenever something has happened; called by the actor, must not block
     */
    public static Behavior<ExpertNodeCommand> create(
            final Identity identity,
            final UnitHost host,
            final ActorRef<CoordinatorCommand> coordinator,
            final MemberConfig config,
            final MemberListener listener,
            final Consumer<NodeGlance> onlooker) {
        final NodeRules rules = new NodeRules(
                config.clusterName(),
                host.endpoint(),
                identity.modelFingerprint(),
                identity.memoryLimitBytes(),
                identity.unitBytes(),
                config.concurrentLoads(),
                config.leaveTimeout(),
                identity.failureDomain());
        final Behavior<Message> behavior = Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(new Due(new NodeInput.ReportDue()), config.reportInterval());
            timers.startTimerWithFixedDelay(new Due(new NodeInput.RegisterDue()), config.registerInterval());
            return new ExpertNodeActor(context, timers, host, coordinator, new NodeLife(rules), listener, onlooker);
        }));
        return Behaviors.transformMessages(
                ExpertNodeCommand.class, behavior, match -> match.match(ExpertNodeCommand.class, Said::new));
    }

    @Override
    public Behavior<Message> onMessage(final Message message) {
        switch (message) {
            case Said(final ExpertNodeCommand.FromCoordinator command) -> step(new NodeInput.Told(command));
            case Said(ExpertNodeCommand.Leave(final String reason, final ActorRef<Left> replyTo)) -> {
                voice.tellTheEnd(replyTo);
                step(new NodeInput.Leave(reason));
            }
            case Due(final NodeInput input) -> step(input);
            case Ended(final NodeInput.Probed probed, final var failure) -> step(probed);
            case Ended(final NodeInput input, final @Nullable Throwable failure) -> {
                if (failure != null) {
                    getContext()
                            .getLog()
                            .warn("node {} heard {}", host.endpoint().nodeId(), input, failure);
                }
                step(input);
            }
        }
        return life.state() == NodeState.STOPPED ? Behaviors.stopped() : this;
    }

    private void step(final NodeInput input) {
        life.step(input).forEach(this::perform);
        onlooker.accept(life.glance());
    }

    private void perform(final NodeEffect effect) {
        switch (effect) {
            case NodeEffect.Register(final NodeHello hello) ->
                coordinator.tell(new CoordinatorCommand.RegisterNode(hello, self));
            case NodeEffect.Tell(final CoordinatorCommand.OneWay message) -> coordinator.tell(message);
            case final NodeEffect.Report report ->
                coordinator.tell(new CoordinatorCommand.NodeReported(counted(report), report.refreshId(), self));
            case NodeEffect.Load(final ExpertKey key, final String known) ->
                await(host.load(key, known), NodeInput.Loaded::new, why -> new NodeInput.LoadFailed(key, why));
            case NodeEffect.Unload(final ExpertKey key) ->
                await(
                        host.unload(key),
                        done -> new NodeInput.Unloaded(key),
                        why -> new NodeInput.UnloadFailed(key, why));
            case NodeEffect.Probe(final long probeId, final ExpertKey key, final long seed) ->
                await(
                        host.probe(key, seed),
                        answer -> new NodeInput.Probed(probeId, key, answer, ""),
                        why -> new NodeInput.Probed(probeId, key, "", why));
            case NodeEffect.Drain(final boolean granted) ->
                await(host.drain(), done -> new NodeInput.Drained(), NodeInput.DrainFailed::new);
            case NodeEffect.StartLeaveTimer(final var timeout) ->
                timers.startSingleTimer(new Due(new NodeInput.LeaveExpired()), timeout);
            case NodeEffect.Transition(final NodeState from, final NodeState to, final String reason) ->
                voice.transition(from, to, reason);
            case NodeEffect.Log(final var severity, final String text) -> voice.log(severity, text);
            case NodeEffect.Stop(final boolean inOrder) -> voice.ended(inOrder);
        }
    }

    private NodeReport counted(final NodeEffect.Report report) {
        return new NodeReport(
                host.endpoint().nodeId(),
                host.endpoint().incarnation(),
                report.state(),
                report.resident(),
                host.loads(),
                host.residentBytes(),
                host.deviceHealth());
    }

    /** What comes of it is an input, whenever that is. */
    private <T> void await(
            final CompletionStage<T> stage,
            final Function<T, NodeInput> done,
            final Function<String, NodeInput> failed) {
        getContext()
                .pipeToSelf(
                        stage,
                        (result, failure) -> failure == null
                                ? new Ended(done.apply(result), null)
                                : new Ended(failed.apply(wordsOf(failure)), failure));
    }

    private static String wordsOf(final Throwable failure) {
        final Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
