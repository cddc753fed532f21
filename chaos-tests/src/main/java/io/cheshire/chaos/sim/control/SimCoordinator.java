package io.cheshire.chaos.sim.control;

import com.typesafe.config.Config;
import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.PlacementEffect;
import io.cheshire.coordinator.core.PlacementEvent;
import io.cheshire.coordinator.core.PlacementMachine;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.ModelIdentity;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.runtime.CoordinatorConfig;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process that may coordinate: the shell that the coordinator's actor is in production, around the same placement
 * machine. It keeps nothing when another one follows it. {@link CoordinatorPromises} looks at what it does.
 */
public final class SimCoordinator extends SimProcess {
    private final CoordinatorConfig config;
    private final ModelIdentity model;
    private final Cluster cluster;
    private final EpochBook book;
    private final Coverage coverage;
    private final PlantedBug bug;
    private final CoordinatorForger forger;
    private final CoordinatorPromises promises;
    private final boolean comparesCopies;
    private final SortedMap<Integer, NodeControl> nodes = new TreeMap<>();
    private final SortedMap<Integer, RouterControl> routers = new TreeMap<>();
    private @Nullable PlacementMachine machine;
    private @Nullable PlacementState state;
    private @Nullable NodeControl registeringNode;
    private @Nullable RouterControl registeringRouter;
    private PlacementEffect.@Nullable Publish older;
    private boolean leading;
    private long rows;

    public SimCoordinator(
            final World world,
            final String name,
            final int host,
            final Config config,
            final ModelIdentity model,
            final Cluster cluster,
            final EpochBook book,
            final Coverage coverage,
            final PlantedBug bug,
            final boolean comparesCopies) {
        super(world, name, host);
        this.config = SettingReader.read(config, CoordinatorConfig::from);
        this.model = model;
        this.cluster = cluster;
        this.book = book;
        this.coverage = coverage;
        this.bug = bug;
        this.forger = new CoordinatorForger(bug);
        this.comparesCopies = comparesCopies;
        this.promises = new CoordinatorPromises(world, name, this.config);
    }

    /** Starts the process; it stands by. */
    public void start(final long clockOffsetNs) {
        begin(clockOffsetNs);
        leading = false;
    }

    @Override
    public void crash(final String why) {
        leading = false;
        end(why);
    }

    @Override
    protected void dutyCycle() {}

    /** Becomes the coordinator. */
    void lead() {
        machine = new PlacementMachine(forger.rules(config.rules(model, book.nextPublisher())));
        promises.begin();
        state = machine.initial(clock().nanoTime());
        nodes.clear();
        routers.clear();
        older = null;
        leading = true;
        final PlacementMachine mine = machine;
        world.note(name(), () -> "leads as publisher " + mine.rules().publisher());
        tick(mine);
    }

    private void tick(final PlacementMachine mine) {
        later(config.tickInterval().toNanos(), () -> {
            if (leading && machine == mine) {
                decide(new PlacementEvent.Tick());
                if (comparesCopies) {
                    decide(new PlacementEvent.ScrubDue(++rows));
                }
                tick(mine);
            }
        });
    }

    /** Another one coordinates from now on. */
    void stepDown() {
        if (leading) {
            leading = false;
            world.note(name(), () -> "steps down");
        }
    }

    /** Counts its terms and those of all others; tells what it said as leader from what it said before. */
    long term() {
        final PlacementMachine mine = machine;
        return mine == null ? 0 : mine.rules().publisher();
    }

    public boolean isLeading() {
        return leading;
    }

    /** What it decides by; null before it ever led. */
    public @Nullable PlacementState state() {
        return state;
    }

    void registerNode(final NodeHello hello, final NodeControl from) {
        registeringNode = from;
        decide(new PlacementEvent.NodeRegistered(forger.heard(hello)));
    }

    void registerRouter(final RouterHello hello, final RouterControl from) {
        registeringRouter = from;
        decide(new PlacementEvent.RouterRegistered(forger.heard(hello)));
    }

    void nodeReported(final NodeControl from, final List<HeldUnit> resident) {
        if (nodes.get(from.nodeId()) != from) {
            if (leading) {
                cluster.tell(this, from.process(), from::isAlive, from::registerAgain);
            }
            return;
        }
        decide(new PlacementEvent.NodeHeard(from.nodeId(), from.incarnation(), resident));
    }

    void routerReported(final RouterControl from) {
        if (routers.get(from.routerId()) != from) {
            if (leading) {
                cluster.tell(this, from.process(), from::isAlive, from::registerAgain);
            }
            return;
        }
        decide(new PlacementEvent.RouterHeard(from.routerId(), from.incarnation()));
    }

    void staleCommand(final NodeControl from, final long epochSeen) {
        if (nodes.get(from.nodeId()) == from) {
            decide(new PlacementEvent.EpochSeen(epochSeen, "node " + from.nodeId()));
        }
    }

    /** The node's actor or process ended. */
    public void nodeGone(final int nodeId, final long incarnation, final String reason) {
        final NodeControl known = nodes.get(nodeId);
        if (known != null && known.incarnation() == incarnation) {
            nodes.remove(nodeId);
            decide(new PlacementEvent.NodeGone(nodeId, incarnation, reason));
        }
    }

    /** The router's actor or process ended. */
    public void routerGone(final int routerId, final long incarnation, final String reason) {
        final RouterControl known = routers.get(routerId);
        if (known != null && known.incarnation() == incarnation) {
            routers.remove(routerId);
            decide(new PlacementEvent.RouterGone(routerId, incarnation, reason));
        }
    }

    /** Hands an event to the machine and carries out what it wants. */
    public void decide(final PlacementEvent event) {
        final PlacementMachine decider = machine;
        final PlacementState before = state;
        if (!leading
                || decider == null
                || before == null
                || forger.isLost(event, decider.rules().publisher())) {
            return;
        }
        coverage.placement(before.phase(), event);
        final long nowNs = clock().nanoTime();
        final PlacementMachine.Step step = decider.step(before, event, nowNs);
        state = step.state();
        promises.stepped(before, step.state(), nowNs);
        step.effects().forEach(effect -> perform(effect, decider.rules().publisher()));
    }

    private void perform(final PlacementEffect effect, final long publisher) {
        switch (effect) {
            case PlacementEffect.AcceptNode(final int nodeId, final long incarnation) -> {
                final NodeControl node = registeringNode;
                if (node != null) {
                    nodes.put(nodeId, node);
                    watch(node);
                    cluster.tell(this, node.process(), node::isAlive, node::accepted);
                }
            }
            case final PlacementEffect.RefuseNode refusal -> {
                final NodeControl node = registeringNode;
                if (node != null) {
                    cluster.tell(this, node.process(), node::isAlive, node::refused);
                }
            }
            case PlacementEffect.AcceptRouter(final int routerId, final long incarnation) -> {
                final RouterControl router = registeringRouter;
                if (router != null) {
                    routers.put(routerId, router);
                    watch(router);
                    cluster.tell(this, router.process(), router::isAlive, router::accepted);
                }
            }
            case final PlacementEffect.RefuseRouter refusal -> {
                final RouterControl router = registeringRouter;
                if (router != null) {
                    cluster.tell(this, router.process(), router::isAlive, router::refused);
                }
            }
            case PlacementEffect.Load(
                    final int nodeId,
                    final long epoch,
                    final List<ExpertKey> keys,
                    final List<HeldUnit> known) -> tellNode(nodeId, node -> node.load(epoch, publisher, keys, known));
            case PlacementEffect.Unload(final int nodeId, final long epoch, final List<ExpertKey> keys) ->
                release(nodeId, epoch, publisher, keys);
            case PlacementEffect.Probe(final int nodeId, final long probeId, final ExpertKey key, final long seed) ->
                tellNode(nodeId, node -> node.probe(probeId, key, seed));
            case final PlacementEffect.Publish publish -> publish(publish, publisher);
            case PlacementEffect.GrantLeave(final int nodeId, final long epoch) ->
                tellNode(nodeId, NodeControl::leaveGranted);
            case PlacementEffect.Answer(final boolean accepted, final String reason) ->
                world.note(name(), () -> (accepted ? "does: " : "refuses: ") + reason);
            case PlacementEffect.Note(final var kind, final long epoch, final String reason) -> {
                world.note(name(), () -> kind + " " + reason);
                if (kind == ClusterEvent.Kind.REPLICAS_DISAGREE) {
                    world.violate("copies of one unit answer alike", reason);
                }
            }
        }
    }

    /** Who was dead already when he was accepted is soon known to be. */
    private void watch(final NodeControl node) {
        if (!node.isAlive()) {
            later(100 * World.MS, () -> nodeGone(node.nodeId(), node.incarnation(), "was dead already"));
        }
    }

    private void watch(final RouterControl router) {
        if (!router.isAlive()) {
            later(100 * World.MS, () -> routerGone(router.routerId(), router.incarnation(), "was dead already"));
        }
    }

    private void tellNode(final int nodeId, final Consumer<NodeControl> command) {
        final NodeControl node = nodes.get(nodeId);
        if (node != null) {
            cluster.tell(this, node.process(), node::isAlive, () -> command.accept(node));
        }
    }

    private void release(final int nodeId, final long epoch, final long publisher, final List<ExpertKey> keys) {
        final NodeControl node = nodes.get(nodeId);
        if (node == null) {
            return;
        }
        // What a removed one wants is refused by the nodes, which obey no epoch below the highest that they know.
        final List<RouterControl> asked = cluster.active() == this ? List.copyOf(routers.values()) : List.of();
        final long published = state == null ? 0 : state.placement().epoch();
        promises.releases(node, keys, epoch, publisher, published, asked);
        tellNode(nodeId, n -> n.unload(epoch, publisher, keys));
    }

    private void publish(final PlacementEffect.Publish publish, final long publisher) {
        final RouterControl router = routers.get(publish.routerId());
        if (router == null) {
            return;
        }
        send(forger.said(publish), router, publisher);
        final PlacementEffect.Publish last = older;
        if (last == null || last.placement().epoch() < publish.placement().epoch()) {
            if (last != null && bug == PlantedBug.PUBLISH_OLD_EPOCH) {
                send(last, router, publisher);
            }
            older = publish;
            if (bug == PlantedBug.RELEASE_EARLY) {
                releaseUnlisted(publish.placement(), publisher);
            }
        }
    }

    private void send(final PlacementEffect.Publish publish, final RouterControl router, final long publisher) {
        book.published(publish.placement(), publisher, router.process().name());
        final Placement placement = publish.placement();
        final List<NodeEndpoint> endpoints = publish.endpoints();
        cluster.tell(this, router.process(), router::isAlive, () -> router.published(placement, endpoints, publisher));
    }

    /** The planted bug: everything that the new epoch doesn't list goes at once. */
    private void releaseUnlisted(final Placement placement, final long publisher) {
        final PlacementState now = state;
        if (now == null) {
            return;
        }
        for (final int nodeId : now.nodes().keySet()) {
            final List<ExpertKey> unlisted = now.residentOn(nodeId).stream()
                    .filter(key -> !placement.nodesOf(key).contains(nodeId))
                    .toList();
            if (!unlisted.isEmpty()) {
                release(nodeId, placement.epoch(), publisher, unlisted);
            }
        }
    }
}
