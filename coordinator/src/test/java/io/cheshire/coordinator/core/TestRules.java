package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.PlacedModel;

/** A small model and short times, by which coordinators go in tests. */
public final class TestRules {
    /** Two layers of five experts. */
    public static final PlacedModel MODEL = new PlacedModel("f00d", 2, 5);

    /** Nanoseconds of a millisecond. */
    public static final long MS = 1_000_000L;

    private TestRules() {}

    /** Of a coordinator that restores replicas at once. */
    public static PlacementRules placement(final int expectedNodes, final long publisher, final int replicas) {
        return placement(expectedNodes, publisher, replicas, 0);
    }

    /** Of any coordinator. */
    public static PlacementRules placement(
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

    /** The same, with at most so many loads open at a node. */
    public static PlacementRules withOpenLoads(final PlacementRules rules, final int open) {
        return new PlacementRules(
                rules.clusterName(),
                rules.model(),
                rules.publisher(),
                rules.members(),
                new LoadRules(
                        open,
                        rules.loads().timeoutNs(),
                        rules.loads().retryMinNs(),
                        rules.loads().retryMaxNs()),
                rules.replicas(),
                rules.epochs(),
                rules.scrubTimeoutNs());
    }

    /** Of the life around it, which listens to everybody. */
    public static CoordinatorRules coordinator(final PlacementRules placement) {
        return new CoordinatorRules(placement, 1_000_000, 1_000_000, 64, 1, 1_000 * MS, 500 * MS);
    }
}
