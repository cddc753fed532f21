package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Copies of a unit keep apart by failure domain where they can. Two to four nodes in racks, 2 x 5 units twice. */
class SeparationTest extends DrivenMachine {
    private static final int OPEN_LOADS = 2;
    private static final int ROOM = 1_000;
    private static final String A = "rack-a";
    private static final String B = "rack-b";

    SeparationTest() {
        super(rules(4));
    }

    @Test
    void shouldPutTheCopiesOfAUnitIntoDifferentRacks() {
        start(A, A, B, B);

        assertThat(state.survival())
                .isEqualTo(new ClusterState.Survival(
                        2,
                        true,
                        true,
                        0,
                        List.of(
                                new ClusterState.DomainView(A, List.of(0, 1), 0, 10),
                                new ClusterState.DomainView(B, List.of(2, 3), 0, 10))));
        assertThat(notes(ClusterEvent.Kind.SEPARATION)).isEmpty();
        assertThat(notes(ClusterEvent.Kind.NODE_JOINED))
                .contains("node 3 joined, failure domain rack-b, holds 0 units");
    }

    @Test
    void shouldKeepCopiesApartByNodeWhereNodesNameNoRack() {
        start("", "", "", "");

        assertThat(state.survival().anyDomain()).isTrue();
        assertThat(state.survival().domains())
                .extracting(ClusterState.DomainView::name)
                .containsExactly("node 0", "node 1", "node 2", "node 3");
    }

    @Test
    void shouldKeepEveryUnitServedWhenAWholeRackIsLost() {
        start(A, B, A, B);

        on(new PlacementEvent.NodeGone(0, 100, "the rack lost its power"));
        on(new PlacementEvent.NodeGone(2, 102, "the rack lost its power"));

        assertThat(state.placement().nodesByUnit()).noneMatch(List::isEmpty);
        loadAll();
        assertThat(state.unitsShortOfReplicas())
                .as("both copies in the rack that is left")
                .isEmpty();
        assertThat(state.survival().unitsSharingDomain()).isEqualTo(10);
    }

    @Test
    void shouldPlaceEveryCopyInTheOnlyRackAndSaySo() {
        start(A, A, A, A);

        assertThat(state.unitsShortOfReplicas()).isEmpty();
        assertThat(state.survival().anyNode()).isTrue();
        assertThat(state.survival().anyDomain()).isFalse();
        assertThat(state.survival().domains())
                .containsExactly(new ClusterState.DomainView(A, List.of(0, 1, 2, 3), 10, 0));
        assertThat(notes(ClusterEvent.Kind.PUBLISHED).getLast())
                .contains("10 units whose copies share a failure domain");
    }

    @Test
    void shouldMoveCopiesApartStepByStepWhenANodeOfASecondRackJoinsAndNeverGoBelowTheCopiesWished() {
        machine = new PlacementMachine(rules(2));
        state = machine.initial(0);
        start(A, A);
        final Set<Integer> loadsAtOnce = new HashSet<>();

        register(2, 102, ROOM, B);
        for (int round = 0; round < 40; round++) {
            loadsAtOnce.add(state.loadingOn(2).size());
            loadOnce();
            assertThat(state.placement().nodesByUnit()).allMatch(nodes -> nodes.size() >= 2);
            acknowledge();
            unloadAll();
            hearAllButAfter(-1, 500);
        }

        assertThat(loadsAtOnce).allMatch(count -> count <= OPEN_LOADS);
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
        assertThat(state.survival().unitsSharingDomain()).isZero();
        assertThat(state.placement().nodesByUnit()).allMatch(nodes -> nodes.size() == 2 && nodes.contains(2));
        assertThat(state.residentOn(0).size() + state.residentOn(1).size()).isEqualTo(10);
        assertThat(notes(ClusterEvent.Kind.SEPARATION)).isNotEmpty();
    }

    @Test
    void shouldTakeOverAnotherRackOfANodeThatComesBackAndMoveItsCopiesApart() {
        start(A, B, A, B);
        on(new PlacementEvent.NodeGone(3, 103, "its machine is moved"));
        settle();

        register(3, 203, ROOM, A);
        settle();

        assertThat(state.failureDomains().of(3)).isEqualTo(A);
        assertThat(state.survival().unitsSharingDomain()).isZero();
        assertThat(state.unitsShortOfReplicas()).isEmpty();
    }

    @Test
    void shouldSayOfANodeThatReturnsAtOnceThatItsRackIsAnotherOne() {
        start(A, B, A, B);
        nowNs += 2_000 * TestRules.MS; // its earlier life isn't alive any more

        register(3, 203, ROOM, A);

        assertThat(notes(ClusterEvent.Kind.NODE_JOINED).getLast())
                .isEqualTo("node 3 joined in place of an earlier incarnation, failure domain rack-a after rack-b,"
                        + " holds 0 units");
        settle();
        assertThat(state.survival().unitsSharingDomain()).isZero();
    }

    @Test
    void shouldLeaveCopiesTogetherWhereTheOtherRackHasNoRoom() {
        machine = new PlacementMachine(rules(3));
        state = machine.initial(0);
        startOf(List.of(120, 120, 20), A, A, B);
        settle();

        assertThat(state.unitsShortOfReplicas()).isEmpty();
        assertThat(state.survival().unitsSharingDomain())
                .as("room for 2 of 10 units")
                .isEqualTo(8);
        final int events = notes(ClusterEvent.Kind.SEPARATION).size();
        hearAllButAfter(-1, 500);
        assertThat(notes(ClusterEvent.Kind.SEPARATION)).hasSize(events);
    }

    @Test
    void shouldPlaceCopiesApartInExactlyAsMuchMemoryAsTheyTake() {
        for (final int racks : new int[] {2, 3, 4, 5}) {
            final int nodes = 2 * racks;
            effects.clear();
            machine = new PlacementMachine(rules(nodes));
            state = machine.initial(0);
            final int units = Math.ceilDiv(20, nodes);

            startOf(Collections.nCopies(nodes, 10 * units), racksOf(nodes, racks));

            assertThat(state.unitsShortOfReplicas()).as(racks + " racks").isEmpty();
            assertThat(state.survival().unitsSharingDomain())
                    .as(racks + " racks")
                    .isZero();
        }
    }

    private static String[] racksOf(final int nodes, final int racks) {
        return IntStream.range(0, nodes).mapToObj(node -> "r" + node % racks).toArray(String[]::new);
    }

    @Test
    void shouldLetAnOperatorPutCopiesTogetherAndWarnHim() {
        start(A, A, B, B);
        final ExpertKey key = new ExpertKey(0, 0);
        final List<Integer> nodes = state.placement().nodesOf(key);
        final int from = nodes.stream().filter(nodeId -> nodeId > 1).findFirst().orElseThrow();
        final int to = nodes.contains(0) ? 1 : 0;

        on(new OperatorRequest.Move(key, from, to, "a test"));

        final PlacementEffect.Answer answer =
                effects(PlacementEffect.Answer.class).getLast();
        assertThat(answer.accepted()).isTrue();
        assertThat(answer.reason()).contains("WARNING", "[rack-a, rack-a]", "whose loss leaves nobody who has it");
        settle();
        assertThat(state.placement().nodesOf(key)).as("it stays so").containsExactlyInAnyOrder(0, 1);
        assertThat(state.survival().unitsSharingDomain()).isOne();

        on(new OperatorRequest.Move(key, to, from, "a test"));
        settle();
        assertThat(state.survival().unitsSharingDomain()).isZero();
        assertThat(state.target().together()).isEmpty();
    }

    @Test
    void shouldLoadASilentNodesUnitsInTheRackThatHasNoHealthyCopy() {
        start(A, A, B, B);
        final List<ExpertKey> held = state.residentOn(0);
        for (int step = 0; step < 8; step++) {
            hearAllButAfter(0, 500);
        }
        loadAll();

        assertThat(notes(ClusterEvent.Kind.RESCUE)).isNotEmpty();
        assertThat(held)
                .allSatisfy(key -> assertThat(state.placement().nodesOf(key))
                        .contains(0, 1)
                        .hasSize(3));
    }

    @Test
    void shouldDropTheCopyThatSharesARackWhenFewerAreWished() {
        machine = new PlacementMachine(TestRules.placement(4, 1, 3));
        state = machine.initial(0);
        start(A, A, B, B);

        on(new OperatorRequest.Replicas(2, "a test"));
        settle();

        assertThat(state.survival().unitsSharingDomain()).isZero();
        assertThat(state.placement().nodesByUnit()).allMatch(nodes -> nodes.size() == 2);
    }

    private void start(final String... racks) {
        startOf(Collections.nCopies(racks.length, ROOM), racks);
    }

    private void startOf(final List<Integer> memoryBytes, final String... racks) {
        registerRouter();
        for (int nodeId = 0; nodeId < racks.length; nodeId++) {
            register(
                    nodeId,
                    100 + nodeId,
                    memoryBytes.get(nodeId),
                    List.of(racks).get(nodeId));
        }
        loadAll();
        acknowledge();
        unloadAll();
    }

    private void register(final int nodeId, final long incarnation, final long memoryBytes, final String rack) {
        final NodeHello hello = hello(nodeId, incarnation, memoryBytes, List.of());
        on(new PlacementEvent.NodeRegistered(new NodeHello(
                hello.clusterName(),
                hello.modelFingerprint(),
                hello.endpoint(),
                hello.memoryLimitBytes(),
                hello.unitBytes(),
                hello.epochSeen(),
                hello.publisher(),
                hello.resident(),
                rack)));
    }

    /** Everybody does what is asked, and time passes. */
    private void settle() {
        for (int round = 0; round < 40; round++) {
            loadAll();
            acknowledge();
            unloadAll();
            hearAllButAfter(-1, 500);
        }
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
    }

    private static PlacementRules rules(final int nodes) {
        return TestRules.withOpenLoads(TestRules.placement(nodes, 1, 2), OPEN_LOADS);
    }
}
