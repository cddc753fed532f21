package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Two coordinators that both believe to be the only one, over the same nodes and routers, with messages interleaved in
 * any order: no two members ever obey different ones in one epoch, none goes back, and once one of them is gone the
 * other is followed.
 */
class TwoCoordinatorsProperties {
    private static final int NODES = 3;
    private static final int ROUTERS = 2;
    private static final long MS = Sim.MS;

    /** A coordinator and the mail on its way to it. */
    private static final class Coordinator {
        final PlacementMachine machine;
        PlacementState state;
        final Deque<PlacementEvent> inbox = new ArrayDeque<>();

        Coordinator(final long publisher, final int replicas) {
            machine = new PlacementMachine(Sim.rules(NODES, publisher, replicas));
            state = machine.initial(0);
        }

        long publisher() {
            return machine.rules().publisher();
        }
    }

    /** A member: what it obeyed, and the mail on its way to it. */
    private static final class Member {
        final int id;
        final boolean router;
        final TreeSet<ExpertKey> resident = new TreeSet<>();
        final Deque<Runnable> inbox = new ArrayDeque<>();
        final Map<Long, Long> publishers;
        CommandFence fence = CommandFence.OPEN;

        Member(final int id, final boolean router, final Map<Long, Long> publishers) {
            this.publishers = publishers;
            this.id = id;
            this.router = router;
        }

        boolean obeys(final long epoch, final long publisher) {
            if (!fence.lets(epoch, publisher)) {
                return false;
            }
            assertThat(epoch).as("epochs never go back").isGreaterThanOrEqualTo(fence.epoch());
            assertThat(publishers.computeIfAbsent(epoch, first -> publisher))
                    .as("publisher of epoch " + epoch + ", whoever obeys it")
                    .isEqualTo(publisher);
            fence = fence.after(epoch, publisher);
            return true;
        }
    }

    /** Who published an epoch that anybody obeys: one coordinator, for all members together. */
    private final Map<Long, Long> publisherByEpoch = new HashMap<>();

    private final List<Coordinator> coordinators = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private long nowNs;

    @Property(tries = 300)
    void shouldNeverBothBeObeyedInOneEpoch(
            @ForAll @Size(min = 20, max = 300) final List<@IntRange(min = 0, max = 1_000) Integer> choices,
            @ForAll @IntRange(min = 1, max = 2) final int replicas) {
        start(replicas);
        choices.forEach(this::act);

        coordinators.removeFirst();
        for (int round = 0; round < 40; round++) {
            for (int message = 0; message < 300; message++) {
                deliver(message);
            }
            tick();
        }

        final Coordinator left = coordinators.getFirst();
        assertThat(left.state.phase()).isEqualTo(Phase.STEADY);
        assertThat(left.state.unitsShortOfReplicas()).isEmpty();
        members.stream()
                .filter(member -> member.router)
                .forEach(router -> assertThat(router.fence)
                        .isEqualTo(new CommandFence(left.state.placement().epoch(), left.publisher())));
    }

    private void start(final int replicas) {
        coordinators.clear();
        members.clear();
        publisherByEpoch.clear();
        nowNs = 0;
        coordinators.add(new Coordinator(7, replicas));
        coordinators.add(new Coordinator(8, replicas));
        for (int nodeId = 0; nodeId < NODES; nodeId++) {
            members.add(new Member(nodeId, false, publisherByEpoch));
        }
        for (int routerId = 0; routerId < ROUTERS; routerId++) {
            members.add(new Member(routerId, true, publisherByEpoch));
        }
        members.forEach(member -> coordinators.forEach(coordinator -> coordinator.inbox.add(hello(member))));
    }

    private void act(final int choice) {
        switch (choice % 12) {
            case 0 -> tick();
            case 1 -> {
                final Coordinator one = coordinators.get(choice / 12 % 2);
                final ExpertKey key = ExpertKey.ofUnitIndex(choice / 24 % 10, Sim.MODEL.expertsPerLayer());
                one.inbox.add(new OperatorRequest.Move(key, choice % NODES, choice / 5 % NODES, "test"));
            }
            default -> deliver(choice / 12);
        }
    }

    /** Members that a coordinator doesn't know introduce themselves; the others report. */
    private void tick() {
        nowNs += 500 * MS;
        for (final Coordinator coordinator : coordinators) {
            for (final Member member : members) {
                coordinator.inbox.add(report(coordinator, member));
                if (member.router
                        && member.fence.epoch() > coordinator.state.placement().epoch()) {
                    coordinator.inbox.add(new PlacementEvent.EpochSeen(member.fence.epoch(), "router " + member.id));
                }
            }
            coordinator.inbox.add(new PlacementEvent.Tick());
        }
    }

    private PlacementEvent report(final Coordinator coordinator, final Member member) {
        if (member.router) {
            return coordinator.state.routers().containsKey(member.id)
                    ? new PlacementEvent.RouterHeard(member.id, 500 + member.id)
                    : hello(member);
        }
        return coordinator.state.nodes().containsKey(member.id)
                ? new PlacementEvent.NodeHeard(member.id, 100 + member.id, Held.units(member.resident))
                : hello(member);
    }

    private static PlacementEvent hello(final Member member) {
        if (member.router) {
            return new PlacementEvent.RouterRegistered(new RouterHello(
                    "cheshire",
                    "f00d",
                    Held.ROUTER,
                    member.id,
                    500 + member.id,
                    member.fence.epoch(),
                    member.fence.publisher()));
        }
        return new PlacementEvent.NodeRegistered(new NodeHello(
                "cheshire",
                "f00d",
                new NodeEndpoint(member.id, 100 + member.id, "aeron:ipc", member.id),
                1_000,
                10,
                member.fence.epoch(),
                member.fence.publisher(),
                Held.units(member.resident),
                ""));
    }

    private void deliver(final int choice) {
        final List<Runnable> possible = new ArrayList<>();
        for (final Coordinator coordinator : coordinators) {
            if (!coordinator.inbox.isEmpty()) {
                possible.add(() -> step(coordinator, coordinator.inbox.remove()));
            }
        }
        for (final Member member : members) {
            if (!member.inbox.isEmpty()) {
                possible.add(() -> member.inbox.remove().run());
            }
        }
        if (!possible.isEmpty()) {
            possible.get(Math.floorMod(choice, possible.size())).run();
        }
    }

    private void step(final Coordinator coordinator, final PlacementEvent event) {
        final PlacementMachine.Step step = coordinator.machine.step(coordinator.state, event, nowNs);
        coordinator.state = step.state();
        step.effects().forEach(effect -> send(coordinator, effect));
    }

    private void send(final Coordinator from, final PlacementEffect effect) {
        switch (effect) {
            case PlacementEffect.Load(
                    final int nodeId,
                    final long epoch,
                    final List<ExpertKey> keys,
                    final var known) -> {
                final Member node = members.get(nodeId);
                node.inbox.add(() -> load(from, node, epoch, keys));
            }
            case PlacementEffect.Unload(final int nodeId, final long epoch, final List<ExpertKey> keys) -> {
                final Member node = members.get(nodeId);
                node.inbox.add(() -> unload(from, node, epoch, keys));
            }
            case final PlacementEffect.Publish publish -> {
                final Member router = members.get(NODES + publish.routerId());
                router.inbox.add(() -> publish(from, router, publish.placement().epoch()));
            }
            case final PlacementEffect.AcceptNode accepted -> {}
            case final PlacementEffect.RefuseNode refused -> {}
            case final PlacementEffect.AcceptRouter accepted -> {}
            case final PlacementEffect.RefuseRouter refused -> {}
            case final PlacementEffect.GrantLeave granted -> {}
            case final PlacementEffect.Probe probe -> {}
            case final PlacementEffect.Answer answer -> {}
            case final PlacementEffect.Note note -> {}
        }
    }

    private static void load(final Coordinator from, final Member node, final long epoch, final List<ExpertKey> keys) {
        if (!node.obeys(epoch, from.publisher())) {
            from.inbox.add(new PlacementEvent.EpochSeen(node.fence.epoch(), "node " + node.id));
            return;
        }
        node.resident.addAll(keys);
        keys.forEach(key -> from.inbox.add(new CoordinatorCommand.UnitLoaded(node.id, 100 + node.id, Held.unit(key))));
    }

    private static void unload(
            final Coordinator from, final Member node, final long epoch, final List<ExpertKey> keys) {
        if (!node.obeys(epoch, from.publisher())) {
            from.inbox.add(new PlacementEvent.EpochSeen(node.fence.epoch(), "node " + node.id));
            return;
        }
        node.resident.removeAll(keys);
        keys.forEach(key -> from.inbox.add(new CoordinatorCommand.UnitUnloaded(node.id, 100 + node.id, key)));
    }

    /** Obeyed or not, the router says to whoever published what it follows. */
    private static void publish(final Coordinator from, final Member router, final long epoch) {
        router.obeys(epoch, from.publisher());
        from.inbox.add(new CoordinatorCommand.EpochAcknowledged(
                router.id, 500 + router.id, router.fence.epoch(), router.fence.publisher()));
    }
}
