package io.cheshire.router.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.CoordinatorEffect;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.core.CoordinatorLife;
import io.cheshire.coordinator.core.Phase;
import io.cheshire.coordinator.core.StepObserver;
import io.cheshire.coordinator.core.TestRules;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private static final int UNITS_OF_MEMORY = 100;
    private static final long MS = TestRules.MS;

    /** A coordinator and the mail on its way to it. */
    private static final class Leader {
        final CoordinatorLife<RigMember> life;
        final Deque<CoordinatorInput<RigMember>> inbox = new ArrayDeque<>();

        Leader(final long publisher, final int replicas) {
            life = new CoordinatorLife<>(
                    TestRules.coordinator(TestRules.placement(NODES, publisher, replicas)),
                    new RigPlaces(),
                    new NothingMoves(),
                    StepObserver.NONE,
                    0);
        }
    }

    /** Who published an epoch that anybody obeys: one coordinator, for all members together. */
    private final Map<Long, Long> publisherByEpoch = new HashMap<>();

    /** Whose word a member has handled last: that one gets its answers. */
    private final Map<RigMember, Leader> heardLast = new HashMap<>();

    private final List<Leader> leaders = new ArrayList<>();
    private final List<RigMember> members = new ArrayList<>();
    private final RigRouter operator = new RigRouter(-1, -1);
    private long nowNs;

    @Property(tries = 300)
    void shouldNeverBothBeObeyedInOneEpoch(
            @ForAll @Size(min = 20, max = 300) final List<@IntRange(min = 0, max = 1_000) Integer> choices,
            @ForAll @IntRange(min = 1, max = 2) final int replicas) {
        start(replicas);
        choices.forEach(this::act);

        final Leader gone = leaders.removeFirst();
        final Leader left = leaders.getFirst();
        heardLast.values().removeIf(gone::equals);
        for (int round = 0; round < 40; round++) {
            for (int message = 0; message < 300; message++) {
                deliver(message);
            }
            tick();
        }

        assertThat(left.life.state().phase()).isEqualTo(Phase.STEADY);
        assertThat(left.life.state().unitsShortOfReplicas()).isEmpty();
        final CommandFence newest = new CommandFence(
                left.life.state().placement().epoch(), left.life.rules().publisher());
        members.stream()
                .filter(RigRouter.class::isInstance)
                .forEach(router -> assertThat(router.fence()).isEqualTo(newest));
    }

    private void start(final int replicas) {
        leaders.clear();
        members.clear();
        heardLast.clear();
        publisherByEpoch.clear();
        nowNs = 0;
        leaders.add(new Leader(7, replicas));
        leaders.add(new Leader(8, replicas));
        for (int nodeId = 0; nodeId < NODES; nodeId++) {
            members.add(new RigNode(nodeId, 100 + nodeId, UNITS_OF_MEMORY, () -> {}));
        }
        for (int routerId = 0; routerId < ROUTERS; routerId++) {
            members.add(new RigRouter(routerId, 500 + routerId));
        }
        members.forEach(this::post);
    }

    private void act(final int choice) {
        switch (choice % 12) {
            case 0 -> tick();
            case 1 -> {
                final Leader one = leaders.get(choice / 12 % 2);
                final ExpertKey key = ExpertKey.ofUnitIndex(choice / 24 % 10, TestRules.MODEL.expertsPerLayer());
                one.inbox.add(new CoordinatorInput.Asked<>(
                        new OperatorRequest.Move(key, choice % NODES, choice / 5 % NODES, "test"), operator));
            }
            default -> deliver(choice / 12);
        }
    }

    private void tick() {
        nowNs += 500 * MS;
        for (final RigMember member : members) {
            member.registerDue();
            member.reportDue();
            post(member);
        }
        leaders.forEach(leader -> leader.inbox.add(new CoordinatorInput.TickDue<>()));
    }

    private void deliver(final int choice) {
        final List<Runnable> possible = new ArrayList<>();
        for (final Leader leader : leaders) {
            if (!leader.inbox.isEmpty()) {
                possible.add(() -> step(leader));
            }
        }
        for (final RigMember member : members) {
            for (final Deque<Runnable> queue : member.work()) {
                if (!queue.isEmpty()) {
                    possible.add(() -> step(member, queue));
                }
            }
        }
        if (!possible.isEmpty()) {
            possible.get(Math.floorMod(choice, possible.size())).run();
        }
    }

    private void step(final Leader leader) {
        for (final CoordinatorEffect<RigMember> effect : leader.life.step(leader.inbox.remove(), nowNs)) {
            if (effect instanceof CoordinatorEffect.Tell<RigMember>(final RigMember to, final var message)
                    && to != operator) {
                to.inbox.add(() -> {
                    heardLast.put(to, leader);
                    to.hear(message);
                });
            }
        }
    }

    private void step(final RigMember member, final Deque<Runnable> queue) {
        final CommandFence before = member.fence();
        queue.remove().run();
        final CommandFence after = member.fence();
        assertThat(after.epoch()).as("epochs never go back").isGreaterThanOrEqualTo(before.epoch());
        if (after.epoch() > 0) {
            assertThat(publisherByEpoch.computeIfAbsent(after.epoch(), first -> after.publisher()))
                    .as("publisher of epoch " + after.epoch() + ", whoever obeys it")
                    .isEqualTo(after.publisher());
        }
        post(member);
    }

    /** Both hear who a member is and how it is; what it answers goes to the one that it heard last. */
    private void post(final RigMember member) {
        while (!member.outbox.isEmpty()) {
            final CoordinatorInput<RigMember> said = member.outbox.remove();
            final Leader last = heardLast.get(member);
            if (said instanceof CoordinatorInput.Told<RigMember> && last != null) {
                last.inbox.add(said);
            } else {
                leaders.forEach(leader -> leader.inbox.add(said));
            }
        }
    }
}
