package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.balance.core.RebalancePlan;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator's life among nodes and routers that exist only here. Each member has a mailbox in each direction that
 * keeps its order; which mailbox goes on next is the test's choice. After every step the promises of the placement are
 * checked, and that a machine which reconciles at every event decides the same.
 */
final class Sim {
    static final PlacedModel MODEL = new PlacedModel("f00d", 2, 5);
    static final long MS = 1_000_000L;
    private static final long UNIT_BYTES = 10;

    final SortedMap<Integer, Node> nodes = new TreeMap<>();
    final SortedMap<Integer, Router> routers = new TreeMap<>();
    final int expectedNodes;
    final int unitsOfMemory;
    final int replicas;
    CoordinatorLife<Member> life;
    PlacementState state;
    long nowNs = -5_000 * MS;
    boolean loadsFail;
    private BiConsumer<Phase, Phase> phases = (before, after) -> {};
    private final Router nobody = new Router(-1, -1);
    private long incarnations = 100;
    private long publishers;

    /** Where a coordinator's messages go. */
    sealed interface Member {}

    /** One start of a node. */
    static final class Node implements Member {
        final NodeEndpoint endpoint;
        final SortedSet<ExpertKey> resident = new TreeSet<>();
        final Deque<ExpertNodeCommand> inbox = new ArrayDeque<>();
        final Deque<CoordinatorInput<Member>> outbox = new ArrayDeque<>();
        final SortedMap<ExpertKey, Long> rowsServed = new TreeMap<>();
        CommandFence fence = CommandFence.OPEN;
        boolean leaving;
        boolean accepted;

        Node(final int nodeId, final long incarnation) {
            endpoint = new NodeEndpoint(nodeId, incarnation, "aeron:ipc", nodeId);
        }
    }

    /** One start of a router; between applying and acknowledging it may use both placements. */
    static final class Router implements Member {
        final int routerId;
        final long incarnation;
        final Deque<RouterCommand> inbox = new ArrayDeque<>();
        final Deque<CoordinatorInput<Member>> outbox = new ArrayDeque<>();
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

    /** Every member is a place of its own. */
    private record Places() implements Whereabouts<Member> {
        @Override
        public String path(final Member place) {
            return place.toString();
        }

        @Override
        public boolean isInThisProcess(final Member place) {
            return false;
        }
    }

    /** A balancer that wants nothing. */
    private record NothingMoves() implements Rebalancing {
        @Override
        public void reported(final RouterReport report) {}

        @Override
        public RebalancePlan round(
                final PlacementState state, final List<NodeHello> nodes, final Set<Integer> routerIds) {
            return new RebalancePlan.Stay("test", List.of());
        }
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

    /** Looks on at the phases before and after each step. */
    void watch(final BiConsumer<Phase, Phase> watcher) {
        phases = watcher;
    }

    /** A new coordinator knows nothing; members that hear of it introduce themselves. */
    void startCoordinator() {
        life = new CoordinatorLife<>(
                new CoordinatorRules(
                        rules(expectedNodes, ++publishers, replicas),
                        1_000_000,
                        1_000_000,
                        64,
                        1,
                        1_000 * MS,
                        500 * MS),
                new Places(),
                new NothingMoves(),
                (before, event, step, atNs) -> {
                    checkStep(before, event, step, atNs, life.rules());
                    phases.accept(before.phase(), step.state().phase());
                },
                nowNs);
        state = life.state();
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
            node.outbox.add(told(new CoordinatorCommand.NodeLeaving(nodeId, node.endpoint.incarnation(), "planned")));
        }
    }

    void kill(final int nodeId) {
        final Node node = nodes.remove(nodeId);
        if (node != null) {
            hear(new CoordinatorInput.NodeEnded<>(nodeId, node.endpoint.incarnation()));
        }
    }

    /** An operator wants something. */
    void ask(final OperatorRequest request) {
        hear(new CoordinatorInput.Asked<>(request, nobody));
    }

    /** Routers send rows to units where they are. */
    void serve(final Random random) {
        nodes.values()
                .forEach(node ->
                        node.resident.forEach(key -> node.rowsServed.merge(key, random.nextLong(100), Long::sum)));
    }

    private static CoordinatorInput<Member> told(final CoordinatorCommand.OneWay what) {
        return new CoordinatorInput.Told<>(what);
    }

    private static CoordinatorInput<Member> report(final Node node) {
        return new CoordinatorInput.NodeReports<>(
                new NodeReport(
                        node.endpoint.nodeId(),
                        node.endpoint.incarnation(),
                        NodeState.SERVING,
                        Held.units(node.resident),
                        node.rowsServed.entrySet().stream()
                                .map(served -> new UnitLoad(
                                        served.getKey().layer(), served.getKey().expert(), served.getValue(), 1, 0, 0))
                                .toList(),
                        UNIT_BYTES * node.resident.size()),
                0,
                node);
    }

    /** A router gets no answer for a unit under the placement that it uses. */
    void hint(final int routerId, final ExpertKey key) {
        final Router router = routers.get(routerId);
        if (router != null) {
            router.outbox.add(told(new CoordinatorCommand.UnitUnavailable(
                    routerId, router.incarnation, router.fence.epoch(), List.of(key))));
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
            hear(new CoordinatorInput.RouterEnded<>(routerId, router.incarnation));
        }
    }

    /** Time passes; members report first, as they do every second, so nobody is unknown for longer than that. */
    void tick() {
        nowNs += 500 * MS;
        for (final Node node : List.copyOf(nodes.values())) {
            while (!node.accepted && !node.outbox.isEmpty()) {
                hear(node.outbox.remove());
                deliverAccepted(node);
            }
            if (!node.accepted && node.outbox.isEmpty()) {
                register(node);
            } else if (node.leaving) {
                node.outbox.add(told(new CoordinatorCommand.NodeLeaving(
                        node.endpoint.nodeId(), node.endpoint.incarnation(), "planned")));
            }
            node.outbox.add(report(node));
        }
        introduceRouters();
        hear(new CoordinatorInput.TickDue<>());
    }

    private void introduceRouters() {
        for (final Router router : List.copyOf(routers.values())) {
            if (state.routers().get(router.routerId) == null) {
                while (!router.outbox.isEmpty()) {
                    hear(router.outbox.remove());
                }
            }
        }
    }

    /**
     * Time passes while only nodes whose bit is set in {@code talking} are heard of. Routers that nobody knows say so
     * before, and nodes handle what they were sent before and after: else a load could be given up here though the node
     * does it later, which real nodes refuse by their own memory, and these don't.
     */
    void silence(final long forMs, final int talking) {
        introduceRouters();
        deliverToAndFromNodes();
        for (long ms = 0; ms < forMs; ms += 250) {
            nowNs += 250 * MS;
            for (final Node node : nodes.values()) {
                if (node.accepted && (talking >> node.endpoint.nodeId() & 1) == 1) {
                    hear(report(node));
                }
            }
            hear(new CoordinatorInput.TickDue<>());
        }
        deliverToAndFromNodes();
    }

    private void deliverToAndFromNodes() {
        for (final Node node : List.copyOf(nodes.values())) {
            while (!node.inbox.isEmpty() || !node.outbox.isEmpty()) {
                if (node.inbox.isEmpty()) {
                    hear(node.outbox.remove());
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
                possible.add(() -> hear(node.outbox.remove()));
            }
        });
        routers.values().forEach(router -> {
            if (!router.inbox.isEmpty()) {
                possible.add(() -> obey(router, router.inbox.remove()));
            }
            if (!router.outbox.isEmpty()) {
                possible.add(() -> hear(router.outbox.remove()));
            }
        });
        if (!possible.isEmpty()) {
            possible.get(Math.floorMod(choice, possible.size())).run();
        }
    }

    /**
     * Everything is handled, and time passes until nothing is overdue. A router is there: a coordinator that follows
     * another frees nothing before the first one comes back to it.
     */
    void quiesce() {
        loadsFail = false;
        if (routers.isEmpty()) {
            joinRouter(0);
        }
        nodes.keySet().forEach(nodeId -> ask(new OperatorRequest.Undrain(nodeId, "end of the test")));
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
        node.outbox.add(new CoordinatorInput.NodeRegisters<>(
                new NodeHello(
                        "cheshire",
                        "f00d",
                        node.endpoint,
                        unitsOfMemory * UNIT_BYTES,
                        UNIT_BYTES,
                        node.fence.epoch(),
                        node.fence.publisher(),
                        Held.units(node.resident),
                        ""),
                node));
    }

    private void register(final Router router) {
        // Of two placements in use the older one counts: it is the last one acknowledged.
        final CommandFence fence = router.older == null ? router.fence : CommandFence.OPEN;
        router.outbox.add(new CoordinatorInput.RouterRegisters<>(
                new RouterHello(
                        "cheshire",
                        "f00d",
                        Held.ROUTER,
                        router.routerId,
                        router.incarnation,
                        fence.epoch(),
                        fence.publisher()),
                router));
    }

    private void deliverAccepted(final Node node) {
        if (node.inbox.peek() instanceof ExpertNodeCommand.NodeAccepted) {
            obey(node, node.inbox.remove());
        }
    }

    private void hear(final CoordinatorInput<Member> input) {
        final List<CoordinatorEffect<Member>> effects = life.step(input, nowNs);
        state = life.state();
        effects.forEach(this::send);
    }

    private static void checkStep(
            final PlacementState before,
            final PlacementEvent event,
            final PlacementMachine.Step step,
            final long nowNs,
            final PlacementRules rules) {
        final PlacementMachine.Step restless = new PlacementMachine(rules).step(dueAt(nowNs, before), event, nowNs);
        assertThat(step.effects())
                .as("effects of " + event + ", as if it reconciled at every event")
                .isEqualTo(restless.effects());
        assertThat(dueAt(0, step.state()))
                .as("state after " + event + ", as if it reconciled at every event")
                .isEqualTo(dueAt(0, restless.state()));
        final PlacementState after = step.state();
        assertThat(after.placement().epoch())
                .as("epochs never go back")
                .isGreaterThanOrEqualTo(before.placement().epoch());
        if (!after.placement().equals(before.placement())) {
            assertThat(after.placement().epoch())
                    .isGreaterThan(before.placement().epoch());
            checkPublished(after);
        }
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

    private void send(final CoordinatorEffect<Member> effect) {
        switch (effect) {
            case CoordinatorEffect.Tell<Member>(final Node node, final ExpertNodeCommand command) -> {
                if (command instanceof final ExpertNodeCommand.UnloadUnits unload) {
                    final int nodeId = node.endpoint.nodeId();
                    unload.keys()
                            .forEach(key -> assertThat(routers.values())
                                    .as("routers that may use " + key + " on node " + nodeId + " when it is released")
                                    .noneMatch(router -> router.mayUse(nodeId, key)));
                }
                node.inbox.add(command);
            }
            case CoordinatorEffect.Tell<Member>(final Router router, final RouterCommand command) ->
                router.inbox.add(command);
            default -> {}
        }
    }

    private void obey(final Node node, final ExpertNodeCommand command) {
        final int nodeId = node.endpoint.nodeId();
        final long incarnation = node.endpoint.incarnation();
        switch (command) {
            case final ExpertNodeCommand.NodeAccepted accepted -> node.accepted = true;
            case ExpertNodeCommand.LoadUnits(
                    final long epoch,
                    final long publisher,
                    final var keys,
                    final var known) -> {
                if (obeys(node, epoch, publisher)) {
                    keys.forEach(key -> load(node, key));
                }
            }
            case ExpertNodeCommand.UnloadUnits(final long epoch, final long publisher, final var keys) -> {
                if (obeys(node, epoch, publisher)) {
                    for (final ExpertKey key : keys) {
                        node.resident.remove(key);
                        node.outbox.add(told(new CoordinatorCommand.UnitUnloaded(nodeId, incarnation, key)));
                    }
                }
            }
            case final ExpertNodeCommand.LeaveGranted granted -> {
                nodes.remove(nodeId);
                node.inbox.clear();
                node.outbox.clear();
                hear(new CoordinatorInput.NodeEnded<>(nodeId, incarnation));
            }
            case final ExpertNodeCommand.RegisterNodeAgain again -> register(node);
            default -> {}
        }
    }

    private static boolean obeys(final Node node, final long epoch, final long publisher) {
        if (node.fence.lets(epoch, publisher)) {
            node.fence = node.fence.after(epoch, publisher);
            return true;
        }
        node.outbox.add(told(new CoordinatorCommand.StaleCommand(
                node.endpoint.nodeId(), node.endpoint.incarnation(), node.fence.epoch())));
        return false;
    }

    private void load(final Node node, final ExpertKey key) {
        final int nodeId = node.endpoint.nodeId();
        final long incarnation = node.endpoint.incarnation();
        if (loadsFail) {
            node.outbox.add(told(new CoordinatorCommand.UnitLoadFailed(nodeId, incarnation, key, "told to")));
            return;
        }
        node.resident.add(key);
        assertThat(node.resident).as("units in memory").hasSizeLessThanOrEqualTo(unitsOfMemory);
        node.outbox.add(told(new CoordinatorCommand.UnitLoaded(nodeId, incarnation, Held.unit(key))));
    }

    /** First the placement is used beside the older one; the next message to be handled acknowledges it. */
    private void obey(final Router router, final RouterCommand command) {
        if (command instanceof RouterCommand.RegisterRouterAgain) {
            register(router);
        }
        if (!(command
                instanceof
                RouterCommand.PlacementPublished(
                        final Placement placement,
                        final var endpoints,
                        final long publisher))) {
            return;
        }
        if (router.older != null) {
            router.older = null;
        }
        if (router.fence.lets(placement.epoch(), publisher) && placement.epoch() > router.fence.epoch()) {
            router.older = router.used;
            router.used = placement;
            router.fence = router.fence.after(placement.epoch(), publisher);
            router.inbox.addFirst(command);
        } else {
            router.outbox.add(told(new CoordinatorCommand.EpochAcknowledged(
                    router.routerId, router.incarnation, router.fence.epoch(), router.fence.publisher())));
        }
    }
}
