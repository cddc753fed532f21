package io.cheshire.chaos.sim.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionShapesTest {
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 11})
    void shouldLeaveOneHostThatHearsBothHalvesWhenABridgeIsMade(final int size) {
        final List<Integer> hosts = hosts(size);
        final List<int[]> blocked = PartitionShapes.bridge(hosts);
        assertThat(heardBy(hosts, blocked, hosts.getFirst())).hasSize(size);
        final Set<Set<Integer>> halves = new HashSet<>();
        hosts.subList(1, size).forEach(host -> halves.add(heardBy(hosts, blocked, host)));
        assertThat(halves).as("two halves, the bridge in both").hasSize(2);
        assertThat(halves).allSatisfy(half -> assertThat(half).contains(hosts.getFirst()));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 7, 9, 11})
    void shouldLetEveryHostHearAMajorityOfItsOwnWhenARingIsMade(final int size) {
        final List<Integer> hosts = hosts(size);
        final List<int[]> blocked = PartitionShapes.majoritiesRing(hosts);
        final Set<Set<Integer>> majorities = new HashSet<>();
        hosts.forEach(host -> majorities.add(heardBy(hosts, blocked, host)));
        assertThat(majorities).as("no two hear the same").hasSize(size);
        assertThat(majorities)
                .allSatisfy(
                        heard -> assertThat(heard).hasSizeGreaterThan(size / 2).hasSizeLessThan(size));
    }

    private static List<Integer> hosts(final int size) {
        return IntStream.range(0, size).mapToObj(i -> 100 + i).toList();
    }

    private static Set<Integer> heardBy(final List<Integer> hosts, final List<int[]> blocked, final int host) {
        final Set<Integer> heard = new TreeSet<>(hosts);
        blocked.stream().filter(way -> way[1] == host).forEach(way -> heard.remove(way[0]));
        return heard;
    }
}
