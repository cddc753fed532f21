package io.cheshire.router.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.core.CoordinatorEffect;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.core.CoordinatorLife;
import io.cheshire.coordinator.core.Phase;
import io.cheshire.coordinator.core.PlacementRules;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.core.StepPromises;
import io.cheshire.coordinator.core.TestRules;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * A coordinator, nodes and routers: the lives that ship, with nothing between them but queues that keep their order.
 * Which queue goes on next is the test's choice. After every step the promises of the placement are checked.
 */
final class ControlRig {
    static final PlacedModel MODEL = TestRules.MODEL;
    private static final long MS = TestRules.MS;
    private static final int MESSAGES_AT_MOST = 2_000;

    final SortedMap<Integer, RigNode> nodes = new TreeMap<>();
    final SortedMap<Integer, RigRouter> routers = new TreeMap<>();
    private final int expectedNodes;
    private final int unitsOfMemory;
    private final int replicas;
    private final RigRouter operator = new RigRouter(-1, -1);
    private CoordinatorLife<RigMember> life;
    private BiConsumer<Phase, Phase> phases = (before, after) -> {};
    private long nowNs = -5_000 * MS;
    private boolean loadsFail;
    private long incarnations = 100;
    private long publishers;

    ControlRig(final int expectedNodes, final int unitsOfMemory, final int replicas) {
        this.replicas = replicas;
        this.expectedNodes = expectedNodes;
        this.unitsOfMemory = unitsOfMemory;
        this.life = coordinator();
    }

    private CoordinatorLife<RigMember> coordinator() {
        final PlacementRules rules = TestRules.placement(expectedNodes, ++publishers, replicas);
        final StepPromises promises = new StepPromises(rules);
        return new CoordinatorLife<>(
                TestRules.coordinator(rules),
                new RigPlaces(),
                new NothingMoves(),
                (before, event, step, atNs) -> {
                    promises.stepped(before, event, step, atNs);
                    phases.accept(before.phase(), step.state().phase());
                },
                nowNs);
    }

    PlacementState state() {
        return life.state();
    }

    /** Looks on at the phases before and after each step. */
    void watch(final BiConsumer<Phase, Phase> watcher) {
        phases = watcher;
    }

    /** Another coordinator, which knows nothing; what was on its way from and to the one before is lost. */
    void startCoordinator() {
        life = coordinator();
        members().forEach(member -> {
            member.inbox.clear();
            member.outbox.clear();
        });
    }

    void join(final int nodeId) {
        if (!nodes.containsKey(nodeId)) {
            final RigNode node = new RigNode(nodeId, ++incarnations, unitsOfMemory, () -> kill(nodeId));
            node.loadsFail(loadsFail);
            nodes.put(nodeId, node);
        }
    }

    void leave(final int nodeId) {
        final RigNode node = nodes.get(nodeId);
        if (node != null) {
            node.leave();
        }
    }

    /** Its process ends, which the coordinator hears of if it knows the node. */
    void kill(final int nodeId) {
        final RigNode node = nodes.remove(nodeId);
        if (node != null) {
            hear(new CoordinatorInput.NodeEnded<>(nodeId, node.incarnation()));
        }
    }

    void joinRouter(final int routerId) {
        routers.computeIfAbsent(routerId, id -> new RigRouter(id, ++incarnations));
    }

    void killRouter(final int routerId) {
        final RigRouter router = routers.remove(routerId);
        if (router != null) {
            hear(new CoordinatorInput.RouterEnded<>(routerId, router.incarnation()));
        }
    }

    /** An operator wants something. */
    void ask(final OperatorRequest request) {
        hear(new CoordinatorInput.Asked<>(request, operator));
    }

    /** Routers send rows to units where they are. */
    void serve(final Random random) {
        nodes.values().forEach(node -> node.serve(random));
    }

    /** Whether loads fail from now on. */
    void loadsFail(final boolean fail) {
        loadsFail = fail;
        nodes.values().forEach(node -> node.loadsFail(fail));
    }

    /** A router gets no answer for a unit under the placement that it uses. */
    void hint(final int routerId, final ExpertKey key) {
        final RigRouter router = routers.get(routerId);
        if (router != null) {
            router.unanswered(List.of(key));
        }
    }

    /** Time passes; members report first, as they do every second, so nobody is unknown for longer than that. */
    void tick() {
        nowNs += 500 * MS;
        members().forEach(this::introduce);
        for (final RigMember member : members()) {
            member.registerDue();
            member.reportDue();
        }
        hear(new CoordinatorInput.TickDue<>());
    }

    /**
     * Time passes while only nodes whose bit is set in {@code talking} are heard of. Routers that nobody knows say so
     * before, and nodes handle what they were sent before and after: a load isn't given up here that the node does
     * later, which would be refused by its memory and say nothing of the coordinator.
     */
    void silence(final long forMs, final int talking) {
        routers.values().forEach(this::introduce);
        settleNodes();
        for (long ms = 0; ms < forMs; ms += 250) {
            nowNs += 250 * MS;
            for (final RigNode node : List.copyOf(nodes.values())) {
                if (isKnown(node) && (talking >> node.nodeId() & 1) == 1) {
                    node.reportDue();
                    hearAllOf(node);
                }
            }
            hear(new CoordinatorInput.TickDue<>());
        }
        settleNodes();
    }

    /** What goes on next is one step of one of the queues. */
    void deliver(final int choice) {
        final List<Runnable> possible = new ArrayList<>();
        for (final RigMember member : members()) {
            if (!member.outbox.isEmpty()) {
                possible.add(() -> hear(member.outbox.remove()));
            }
            for (final Deque<Runnable> queue : member.work()) {
                if (!queue.isEmpty()) {
                    possible.add(() -> queue.remove().run());
                }
            }
        }
        if (!possible.isEmpty()) {
            possible.get(Math.floorMod(choice, possible.size())).run();
        }
    }

    /**
     * Everything is handled, and time passes until nothing is overdue. A router is there: a coordinator that follows
     * another frees nothing before the first one comes back to it.
     */
    void quiesce() {
        loadsFail(false);
        joinRouter(0);
        nodes.keySet().forEach(nodeId -> ask(new OperatorRequest.Undrain(nodeId, "end of the test")));
        for (int round = 0; round < 60; round++) {
            routers.values().forEach(router -> router.unanswered(List.of()));
            for (int message = 0; message < MESSAGES_AT_MOST && anythingIsQueued(); message++) {
                deliver(message);
            }
            tick();
        }
    }

    List<Integer> stayingNodes() {
        return nodes.values().stream()
                .filter(node -> !node.isLeaving())
                .map(RigNode::nodeId)
                .toList();
    }

    private List<RigMember> members() {
        final List<RigMember> members = new ArrayList<>(nodes.values());
        members.addAll(routers.values());
        return members;
    }

    private boolean anythingIsQueued() {
        return members().stream()
                .anyMatch(member ->
                        !member.outbox.isEmpty() || member.work().stream().anyMatch(queue -> !queue.isEmpty()));
    }

    private boolean isKnown(final RigMember member) {
        return switch (member) {
            case final RigNode node ->
                life.nodes().stream().anyMatch(known -> known.place().equals(node));
            case final RigRouter router ->
                life.routers().stream().anyMatch(known -> known.place().equals(router));
        };
    }

    /** What is on its way to and from a member that the coordinator doesn't know is handled until it does. */
    private void introduce(final RigMember member) {
        if (!isKnown(member)) {
            member.reportDue();
            while (!isKnown(member) && !(member.outbox.isEmpty() && member.inbox.isEmpty())) {
                if (member.outbox.isEmpty()) {
                    member.inbox.remove().run();
                } else {
                    hear(member.outbox.remove());
                }
            }
        }
    }

    private void hearAllOf(final RigMember member) {
        while (!member.outbox.isEmpty()) {
            hear(member.outbox.remove());
        }
    }

    private void settleNodes() {
        for (final RigNode node : List.copyOf(nodes.values())) {
            boolean wentOn = true;
            while (wentOn) {
                hearAllOf(node);
                wentOn = false;
                for (final Deque<Runnable> queue : node.work()) {
                    if (!queue.isEmpty()) {
                        queue.remove().run();
                        wentOn = true;
                    }
                }
            }
        }
    }

    private void hear(final CoordinatorInput<RigMember> input) {
        life.step(input, nowNs).forEach(this::perform);
    }

    private void perform(final CoordinatorEffect<RigMember> effect) {
        if (effect instanceof CoordinatorEffect.Tell<RigMember>(final RigMember to, final var message)
                && to != operator) {
            if (to instanceof final RigNode node) {
                checkCommand(node, message);
            }
            to.inbox.add(() -> to.hear(message));
        }
    }

    private void checkCommand(final RigNode node, final Object command) {
        switch (command) {
            case final ExpertNodeCommand.LoadUnits load -> checkRoom(node);
            case final ExpertNodeCommand.UnloadUnits unload ->
                unload.keys()
                        .forEach(key -> assertThat(routers.values())
                                .as("routers that may use " + key + " on " + node + " when it is released")
                                .noneMatch(router -> router.mayUse(node.nodeId(), key)));
            default -> {}
        }
    }

    /** All that the node holds and is to load fits, unless it holds what the coordinator hasn't heard of. */
    private void checkRoom(final RigNode node) {
        final Set<ExpertKey> units = new HashSet<>(state().residentOn(node.nodeId()));
        units.addAll(state().loadingOn(node.nodeId()));
        for (final HeldUnit held : node.resident()) {
            if (!units.contains(held.key())) {
                return;
            }
        }
        assertThat(units).as("units for " + node).hasSizeLessThanOrEqualTo(unitsOfMemory);
    }
}
