package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What it would cost to lose a node, or all nodes of a failure domain at once. Pure arithmetic on a placement. */
public final class DomainLoss {
    /** Names of nodes' own hold a blank, which no other name does; node 9 comes before node 10. */
    private static final Comparator<String> NAMED_FIRST = Comparator.comparingInt(
                    (String name) -> name.contains(" ") ? name.length() : 0)
            .thenComparing(Comparator.naturalOrder());

    private DomainLoss() {}

    /**
     * Counts it.
     *
     * @param nodesByUnit for each unit the nodes that hold it
     * @param members     nodes that are there; others hold nothing
     * @param replicas    copies that each unit ought to have
     */
    public static ClusterState.Survival of(
            final List<List<Integer>> nodesByUnit,
            final Set<Integer> members,
            final FailureDomains domains,
            final int replicas) {
        final SortedMap<String, Tally> tallies = new TreeMap<>(NAMED_FIRST);
        members.forEach(nodeId -> tallies.computeIfAbsent(domains.of(nodeId), name -> new Tally())
                .nodes
                .add(nodeId));
        int holdersMin = nodesByUnit.isEmpty() ? 0 : Integer.MAX_VALUE;
        int sharing = 0;
        boolean anyDomain = !nodesByUnit.isEmpty();
        for (final List<Integer> listed : nodesByUnit) {
            final List<Integer> holders =
                    listed.stream().filter(members::contains).toList();
            holdersMin = Math.min(holdersMin, holders.size());
            sharing += domains.isShared(holders, replicas) ? 1 : 0;
            anyDomain &= domains.count(holders) > 1;
            count(holders, domains, tallies);
        }
        final List<ClusterState.DomainView> views = new ArrayList<>();
        tallies.forEach((name, tally) ->
                views.add(new ClusterState.DomainView(name, List.copyOf(tally.nodes), tally.lost, tally.leftWithOne)));
        return new ClusterState.Survival(holdersMin, holdersMin > 1, anyDomain, sharing, views);
    }

    private static void count(
            final List<Integer> holders, final FailureDomains domains, final SortedMap<String, Tally> tallies) {
        holders.stream().map(domains::of).distinct().forEach(name -> {
            final long left = holders.stream()
                    .filter(nodeId -> !domains.of(nodeId).equals(name))
                    .count();
            final Tally tally = tallies.get(name);
            if (tally != null) {
                tally.lost += left == 0 ? 1 : 0;
                tally.leftWithOne += left == 1 ? 1 : 0;
            }
        });
    }

    /** Of one domain. */
    private static final class Tally {
        private final SortedSet<Integer> nodes = new TreeSet<>();
        private int lost;
        private int leftWithOne;
    }
}
