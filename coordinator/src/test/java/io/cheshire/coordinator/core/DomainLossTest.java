package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.ClusterState.DomainView;
import io.cheshire.coordinator.protocol.FailureDomain;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DomainLossTest {
    @Test
    void shouldCountWhatARacksLossWouldCost() {
        final List<List<Integer>> placement = List.of(List.of(0, 1), List.of(0, 2), List.of(1, 0), List.of(2, 3));

        assertThat(loss(placement, 2, "a", "a", "b", ""))
                .isEqualTo(new ClusterState.Survival(
                        2,
                        true,
                        false,
                        2,
                        List.of(
                                new DomainView("a", List.of(0, 1), 2, 1),
                                new DomainView("b", List.of(2), 0, 2),
                                new DomainView("node 3", List.of(3), 0, 1))));
    }

    @Test
    void shouldNotSurviveANodeWhereAUnitHasOneHolderOrNone() {
        assertThat(loss(List.of(List.of(0, 1), List.of(1)), 2, "", "").anyNode())
                .isFalse();
        assertThat(loss(List.of(List.of(0, 1), List.of()), 2, "", "").holdersMin())
                .isZero();
        assertThat(loss(List.of(), 2, "a").anyDomain())
                .as("before the first epoch")
                .isFalse();
    }

    @Test
    void shouldCountNoHolderThatIsNotThereAnyMore() {
        assertThat(loss(List.of(List.of(0, 7)), 2, "a", "b"))
                .extracting(ClusterState.Survival::holdersMin, ClusterState.Survival::anyNode)
                .containsExactly(1, false);
    }

    @Test
    void shouldNotMindWhereCopiesBeyondThoseWantedAre() {
        assertThat(loss(List.of(List.of(0, 1, 2)), 2, "a", "a", "b").unitsSharingDomain())
                .isZero();
        assertThat(loss(List.of(List.of(0, 1, 2)), 3, "a", "a", "b").unitsSharingDomain())
                .isOne();
    }

    /** Every loss is tried out. */
    @Property(tries = 200)
    void shouldSayWhatLosingEachDomainLeaves(@ForAll final long seed) {
        final Random random = new Random(seed);
        final int nodes = 1 + random.nextInt(7);
        final String[] racks = IntStream.range(0, nodes)
                .mapToObj(nodeId -> random.nextInt(4) == 0 ? "" : "r" + random.nextInt(3))
                .toArray(String[]::new);
        final List<List<Integer>> placement = IntStream.range(0, 12)
                .mapToObj(unit -> random.ints(random.nextInt(4), 0, nodes)
                        .distinct()
                        .boxed()
                        .toList())
                .toList();

        final ClusterState.Survival survival = loss(placement, 2, racks);

        boolean survives = placement.stream().noneMatch(List::isEmpty);
        for (final DomainView domain : survival.domains()) {
            int lost = 0;
            int leftWithOne = 0;
            for (final List<Integer> holders : placement) {
                final TreeSet<Integer> left = new TreeSet<>(holders);
                left.removeAll(domain.nodes());
                final boolean touched = left.size() < holders.size();
                lost += touched && left.isEmpty() ? 1 : 0;
                leftWithOne += touched && left.size() == 1 ? 1 : 0;
            }
            assertThat(domain.unitsLost()).as(domain.name()).isEqualTo(lost);
            assertThat(domain.unitsLeftWithOne()).as(domain.name()).isEqualTo(leftWithOne);
            survives &= lost == 0;
        }
        assertThat(survival.anyDomain()).isEqualTo(survives);
        assertThat(survival.domains().stream().flatMap(domain -> domain.nodes().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, nodes).boxed().toList());
    }

    @Test
    void shouldKnowWhichNamesADomainMayHave() {
        assertThat(List.of("", "rack-a", "eu-1a", "10.0.0.7", "dc1/row2:r_3", "x".repeat(253)))
                .allMatch(FailureDomain::isValid);
        assertThat(List.of(" ", "a b", "node 3", "räck", "a\n", "\"", "x".repeat(254)))
                .noneMatch(FailureDomain::isValid);
    }

    private static ClusterState.Survival loss(
            final List<List<Integer>> placement, final int replicas, final String... racks) {
        final FailureDomains domains = FailureDomains.of(IntStream.range(0, racks.length)
                .mapToObj(nodeId -> new NodeHello(
                        "cheshire",
                        "f00d",
                        new NodeEndpoint(nodeId, 1, "aeron:ipc", nodeId),
                        1,
                        1,
                        0,
                        0,
                        List.of(),
                        List.of(racks).get(nodeId))));
        final TreeSet<Integer> members = new TreeSet<>();
        IntStream.range(0, racks.length).forEach(members::add);
        return DomainLoss.of(placement, members, domains, replicas);
    }
}
