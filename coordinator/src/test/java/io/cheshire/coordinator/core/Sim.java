package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ModelIdentity;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator's machine among nodes and routers that exist only here. Each member has a mailbox in each direction that keeps
 * its order; which mailbox goes on next is the test's choice. After every step the promises of the placement are checked, and
 * that a machine which reconciles at every event decides the same.
 */
final class Sim {
    static final ModelIdentity MODEL = new ModelIdentity("f00d", 2, 5);
    static final long MS = 1_000_000L;
    private static final long UNIT_BYTES = 10;

    final SortedMap<Integer, Node> nodes = new TreeMap<>();
    final SortedMap<Integer, Router> routers = new TreeMap<>();
    final int expectedNodes;
    final int unitsOfMemory;
    final int replicas;
    PlacementMachine machine;
    PlacementState state;
    long nowNs = -5_000 * MS;
    boolean loadsFail;
    private long incarnations = 100;
    private long publishers;

    /** One start of a node. */
    static final class Node {
        final NodeEndpoint endpoint;
        final SortedSet<ExpertKey> resident = new TreeSet<>();
        final Deque<PlacementEffect> inbox = new ArrayDeque<>();
        final Deque<PlacementEvent> outbox = new ArrayDeque<>();
        CommandFence fence = CommandFence.OPEN;
        boolean leaving;
        boolean accepted;

        Node(final int nodeId, final long incarnation) {
            endpoint = new NodeEndpoint(nodeId, incarnation, "aeron:ipc", nodeId);
        }
    }

    /** One start of a router; between applying and acknowledging it may use both placements. */
    static final class Router {
        final int routerId;
        final long incarnation;
        final Deque<PlacementEffect> inbox = new ArrayDeque<>();
        final Deque<PlacementEvent> outbox = new ArrayDeque<>();
        CommandFence fence = CommandFence.OPEN;

        @Nullable
        Placement used;

        @Nullable
        Placement older;

        Router(final int routerId, final long incarnation) {
            this.routerId = routerId;
            this.incarnation = incarnation;
        }

        boolean mayUse(final int nodeId, final ExpertKey key) {
            return (used != null && used.nodesOf(key).contains(nodeId))
                    || (older != null && older.nodesOf(key).contains(nodeId));
        }
    }

    Sim(final int expectedNodes, final int unitsOfMemory) {
        this(expectedNodes, unitsOfMemory, 1);
    }

    Sim(final int expectedNodes, final int unitsOfMemory, final int replicas) {
        this.replicas = replicas;
        this.expectedNodes = expectedNodes;
        this.unitsOfMemory = unitsOfMemory;
        startCoordinator();
    }

    static PlacementRules rules(final int expectedNodes, final long publisher, final int replicas) {
        return rules(expectedNodes, publisher, replicas, 0);
    }

    static PlacementRules rules(
            final int expectedNodes, final long publisher, final int replicas, final long restoreAfterNs) {
        return new PlacementRules(
                "cheshire",
                MODEL,
                publisher,
                new MemberRules(expectedNodes, 16, 4, 10_000 * MS, 2_000 * MS, 4_000 * MS, 1_500 * MS, 3_000 * MS),
                new LoadRules(64, 5_000 * MS, 500 * MS, 2_000 * MS),
                new ReplicaRules(replicas, 2_000 * MS, 4_000 * MS, 5_000 * MS, restoreAfterNs),
                new EpochRules(1_000 * MS, 2_000 * MS, 8, 50 * MS),
                2_000 * MS);
    }

    /** A new coordinator knows nothing; members that hear of it introduce themselves. */
    void startCoordinator() {
        machine = new PlacementMachine(rules(expectedNodes, ++publishers, replicas));
        state = machine.initial(nowNs);
        nodes.values().forEach(node -> {
            node.inbox.clear();
            node.outbox.clear();
            node.accepted = false;
            register(node);
        });
        routers.values().forEach(router -> {
            router.inbox.clear();
            router.outbox.clear();
            register(router);
        });
    }

    void join(final int nodeId) {
        if (!nodes.containsKey(nodeId)) {
            final Node node = new Node(nodeId, ++incarnations);
            nodes.put(nodeId, node);
            register(node);
        }
    }

    void leave(final int nodeId) {
        final Node node = nodes.get(nodeId);
        if (node != null && !node.leaving) {
            node.leaving = true;
            node.outbox.add(new CoordinatorCommand.NodeLeaving(nodeId, node.endpoint.incarnation(), "planned"));
        }
    }

    void kill(final int nodeId) {
        final Node node = nodes.remove(nodeId);
        if (node != null) {
            step(new PlacementEvent.NodeGone(nodeId, node.endpoint.incarnation(), "killed"));
        }
    }

    /** An operator or the balancer wants something. */
    void wish(final PlacementEvent wish) {
        step(wish);
    }

    /** A router gets no answer for a unit under the placement that it uses. */
    void hint(final int routerId, final ExpertKey key) {
        final Router router = routers.get(routerId);
        if (router != null) {
            router.outbox.add(new CoordinatorCommand.UnitUnavailable(
                    routerId, router.incarnation, router.fence.epoch(), List.of(key)));
        }
    }

    void joinRouter(final int routerId) {
        if (!routers.containsKey(routerId)) {
            final Router router = new Router(routerId, ++incarnations);
            routers.put(routerId, router);
            register(router);
        }
    }

    void killRouter(final int routerId) {
        final Router router = routers.remove(routerId);
        if (router != null) {
            step(new PlacementEvent.RouterGone(routerId, router.incarnation, "killed"));
        }
    }

    /** Time passes; members report first, as they do every second, so nobody is unknown for longer than that. */
    void tick() {
        nowNs += 500 * MS;
        for (final Node node : List.copyOf(nodes.values())) {
            while (!node.accepted && !node.outbox.isEmpty()) {
                step(node.outbox.remove());
                deliverAccepted(node);
            }
            if (!node.accepted && node.outbox.isEmpty()) {
                register(node);
            } else if (node.leaving) {
                node.outbox.add(new CoordinatorCommand.NodeLeaving(
                        node.endpoint.nodeId(), node.endpoint.incarnation(), "planned"));
            }
            node.outbox.add(new PlacementEvent.NodeHeard(
                    node.endpoint.nodeId(), node.endpoint.incarnation(), Held.units(node.resident)));
        }
        introduceRouters();
        step(new PlacementEvent.Tick());
    }

    private void introduceRouters() {
        for (final Router router : List.copyOf(routers.values())) {
            if (state.routers().get(router.routerId) == null) {
                while (!router.outbox.isEmpty()) {
                    step(router.outbox.remove());
                }
            }
        }
    }

    /**
     * Time passes while only nodes whose bit is set in {@code talking} are heard of. Routers that nobody knows say so before, and
     * nodes handle what they were sent before and after: else a load could be given up here though the node does it later, which
     * real nodes refuse by their own memory, and these don't.
     */
    void silence(final long forMs, final int talking) {
        introduceRouters();
        deliverToAndFromNodes();
        for (long ms = 0; ms < forMs; ms += 250) {
            nowNs += 250 * MS;
            for (final Node node : nodes.values()) {
                if (node.accepted && (talking >> node.endpoint.nodeId() & 1) == 1) {
                    step(new PlacementEvent.NodeHeard(
                            node.endpoint.nodeId(), node.endpoint.incarnation(), Held.units(node.resident)));
                }
            }
            step(new PlacementEvent.Tick());
        }
        deliverToAndFromNodes();
    }

    private void deliverToAndFromNodes() {
        for (final Node node : List.copyOf(nodes.values())) {
            while (!node.inbox.isEmpty() || !node.outbox.isEmpty()) {
                if (node.inbox.isEmpty()) {
                    step(node.outbox.remove());
                } else {
                    obey(node, node.inbox.remove());
                }
            }
        }
    }

    /** The next message of one of the mailboxes is handled. */
    void deliver(final int choice) {
        final List<Runnable> possible = new ArrayList<>();
        nodes.values().forEach(node -> {
            if (!node.inbox.isEmpty()) {
                possible.add(() -> obey(node, node.inbox.remove()));
            }
            if (!node.outbox.isEmpty()) {
                possible.add(() -> step(node.outbox.remove()));
            }
        });
        routers.values().forEach(router -> {
            if (!router.inbox.isEmpty()) {
                possible.add(() -> obey(router, router.inbox.remove()));
            }
            if (!router.outbox.isEmpty()) {
                possible.add(() -> step(router.outbox.remove()));
            }
        });
        if (!possible.isEmpty()) {
            possible.get(Math.floorMod(choice, possible.size())).run();
        }
    }

    /** Everything is handled, and time passes until nothing is overdue. */
    void quiesce() {
        loadsFail = false;
        nodes.keySet().forEach(nodeId -> step(new OperatorRequest.Undrain(nodeId, "end of the test")));
        for (int round = 0; round < 60; round++) {
            for (int message = 0; message < 2_000; message++) {
                deliver(message);
            }
            tick();
        }
    }

    List<Integer> stayingNodes() {
        return nodes.values().stream()
                .filter(node -> !node.leaving)
                .map(node -> node.endpoint.nodeId())
                .toList();
    }

    private void register(final Node node) {
        node.outbox.add(new PlacementEvent.NodeRegistered(new NodeHello(
                "cheshire",
                "f00d",
                node.endpoint,
                unitsOfMemory * UNIT_BYTES,
                UNIT_BYTES,
                node.fence.epoch(),
                node.fence.publisher(),
                Held.units(node.resident))));
    }

    private void register(final Router router) {
        // Of two placements in use the older one counts: it is the last one acknowledged.
        final CommandFence fence = router.older == null ? router.fence : CommandFence.OPEN;
        router.outbox.add(new PlacementEvent.RouterRegistered(new RouterHello(
                "cheshire",
                "f00d",
                Held.ROUTER,
                router.routerId,
                router.incarnation,
                fence.epoch(),
                fence.publisher())));
    }

    private void deliverAccepted(final Node node) {
        if (node.inbox.peek() instanceof PlacementEffect.AcceptNode) {
            obey(node, node.inbox.remove());
        }
    }

    private void step(final PlacementEvent event) {
        final PlacementState before = state;
        final PlacementMachine.Step step = machine.step(state, event, nowNs);
        final PlacementMachine.Step restless = machine.step(dueAt(nowNs, state), event, nowNs);
        assertThat(step.effects())
                .as("effects of " + event + ", as if it reconciled at every event")
                .isEqualTo(restless.effects());
        assertThat(dueAt(0, step.state()))
                .as("state after " + event + ", as if it reconciled at every event")
                .isEqualTo(dueAt(0, restless.state()));
        state = step.state();
        assertThat(state.placement().epoch())
                .as("epochs never go back")
                .isGreaterThanOrEqualTo(before.placement().epoch());
        if (!state.placement().equals(before.placement())) {
            assertThat(state.placement().epoch())
                    .isGreaterThan(before.placement().epoch());
            checkPublished(state);
        }
        step.effects().forEach(this::send);
    }

    /** The same state, but that the reconciler is needed at a given time. */
    static PlacementState dueAt(final long dueNs, final PlacementState state) {
        final PlacementState.Clock clock = state.clock();
        return new PlacementState(
                state.startedNs(),
                state.formed(),
                state.seenEpoch(),
                state.placement(),
                state.endpoints(),
                state.nodes(),
                state.routers(),
                state.target(),
                state.loads(),
                state.digests(),
                state.scrub(),
                state.hesitation(),
                new PlacementState.Clock(clock.steppedNs(), clock.awakeNs(), clock.publishedNs(), clock.pace(), dueNs));
    }

    private static void checkPublished(final PlacementState state) {
        for (int unit = 0; unit < MODEL.unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, MODEL.expertsPerLayer());
            assertThat(state.placement().nodesByUnit().get(unit))
                    .as("holders of " + key)
                    .allMatch(nodeId -> state.nodes().get(nodeId).serves(key));
        }
    }

    private void send(final PlacementEffect effect) {
        switch (effect) {
            case final PlacementEffect.Probe nobodyAsks -> {}
            case PlacementEffect.AcceptNode(final int nodeId, final long incarnation) -> mail(nodeId, effect);
            case PlacementEffect.RefuseNode(
                    final int nodeId,
                    final long incarnation,
                    final String why,
                    final boolean retry) -> mail(nodeId, effect);
            case PlacementEffect.Load(
                    final int nodeId,
                    final long epoch,
                    final List<ExpertKey> keys,
                    final var known) -> mail(nodeId, effect);
            case PlacementEffect.Unload(final int nodeId, final long epoch, final List<ExpertKey> keys) -> {
                keys.forEach(key -> assertThat(routers.values())
                        .as("routers that may use " + key + " on node " + nodeId + " when it is released")
                        .noneMatch(router -> router.mayUse(nodeId, key)));
                mail(nodeId, effect);
            }
            case PlacementEffect.GrantLeave(final int nodeId, final long epoch) -> mail(nodeId, effect);
            case final PlacementEffect.Publish publish -> {
                if (routers.containsKey(publish.routerId())) {
                    routers.get(publish.routerId()).inbox.add(publish);
                }
            }
            case final PlacementEffect.AcceptRouter accepted -> {}
            case final PlacementEffect.RefuseRouter refused -> {}
            case final PlacementEffect.Answer answer -> {}
            case final PlacementEffect.Note note -> {}
        }
    }

    private void mail(final int nodeId, final PlacementEffect effect) {
        if (nodes.containsKey(nodeId)) {
            nodes.get(nodeId).inbox.add(effect);
        }
    }

    private void obey(final Node node, final PlacementEffect command) {
        final int nodeId = node.endpoint.nodeId();
        final long incarnation = node.endpoint.incarnation();
        final long publisher = machine.rules().publisher();
        switch (command) {
            case final PlacementEffect.AcceptNode accepted -> node.accepted = true;
            case PlacementEffect.Load(final int id, final long epoch, final List<ExpertKey> keys, final var known)
            when node.fence.lets(epoch, publisher) -> {
                node.fence = node.fence.after(epoch, publisher);
                for (final ExpertKey key : keys) {
                    if (loadsFail) {
                        node.outbox.add(new CoordinatorCommand.UnitLoadFailed(nodeId, incarnation, key, "told to"));
                    } else {
                        node.resident.add(key);
                        assertThat(node.resident).as("units in memory").hasSizeLessThanOrEqualTo(unitsOfMemory);
                        node.outbox.add(new CoordinatorCommand.UnitLoaded(nodeId, incarnation, Held.unit(key)));
                    }
                }
            }
            case PlacementEffect.Unload(final int id, final long epoch, final List<ExpertKey> keys)
            when node.fence.lets(epoch, publisher) -> {
                node.fence = node.fence.after(epoch, publisher);
                for (final ExpertKey key : keys) {
                    node.resident.remove(key);
                    node.outbox.add(new CoordinatorCommand.UnitUnloaded(nodeId, incarnation, key));
                }
            }
            case final PlacementEffect.GrantLeave granted -> {
                nodes.remove(nodeId);
                step(new PlacementEvent.NodeGone(nodeId, incarnation, "left in order"));
            }
            default -> {
                if (command instanceof PlacementEffect.Load || command instanceof PlacementEffect.Unload) {
                    node.outbox.add(new PlacementEvent.EpochSeen(node.fence.epoch(), "node " + nodeId));
                }
            }
        }
    }

    /** First the placement is used beside the older one; the next message to be handled acknowledges it. */
    private void obey(final Router router, final PlacementEffect command) {
        if (!(command
                instanceof PlacementEffect.Publish(final int id, final Placement placement, final var endpoints))) {
            return;
        }
        final long publisher = machine.rules().publisher();
        if (router.older != null) {
            router.older = null;
        }
        if (router.fence.lets(placement.epoch(), publisher) && placement.epoch() > router.fence.epoch()) {
            router.older = router.used;
            router.used = placement;
            router.fence = router.fence.after(placement.epoch(), publisher);
            router.inbox.addFirst(command);
        } else {
            router.outbox.add(new CoordinatorCommand.EpochAcknowledged(
                    router.routerId, router.incarnation, router.fence.epoch(), router.fence.publisher()));
        }
    }
}
