package io.cheshire.router.core.exchange;

import java.util.Arrays;
import java.util.Collection;

/** Learns how long nodes take, and from that their deadlines and which of them are slow. */
final class Latencies {
    private static final double SMOOTHING = 1.0 / 8;
    /** Slower than {@link #SMOOTHING}: a share is shifted by little and often. */
    private static final double PACE_SMOOTHING = 1.0 / 16;
    /** One answer counts as so many times the node's pace at most. */
    private static final double MOST_PACE = 4;
    /** Answers that a node must have given to take part in the median. */
    private static final int MEDIAN_SAMPLES = 8;
    /** Answers after which the median is taken anew. */
    private static final int MEDIAN_REFRESH = 32;

    private final HedgePolicy hedge;
    private final GrayPolicy gray;
    /** One answer counts as so many times the median at most: a single pause makes no slow node. */
    private final double mostRatio;

    private final LatencyWindow[] pooled = new LatencyWindow[RowBuckets.COUNT];
    private final double[] medianNs = new double[RowBuckets.COUNT];
    private final int[] medianAge = new int[RowBuckets.COUNT];
    private double[] means = new double[16];

    Latencies(final HedgePolicy hedge, final GrayPolicy gray) {
        this.hedge = hedge;
        this.gray = gray;
        mostRatio = gray.slowFrom() + 1;
        for (int bucket = 0; bucket < pooled.length; bucket++) {
            pooled[bucket] = new LatencyWindow();
        }
    }

    /** A node answered an attempt wholly. */
    void answered(final PeerNode node, final Attempt attempt, final long responseNs, final Collection<PeerNode> all) {
        pace(node, (double) Math.min(responseNs, hedge.ceilingNs()) / attempt.queuedCostRows);
        judge(node, attempt.shard.rowCount, responseNs, all);
    }

    private static void pace(final PeerNode node, final double rowNs) {
        if (node.paceNs <= 0) {
            node.paceNs = rowNs;
        } else {
            node.paceNs += (Math.min(rowNs, MOST_PACE * node.paceNs) - node.paceNs) * PACE_SMOOTHING;
        }
    }

    private void judge(final PeerNode node, final int rowCount, final long responseNs, final Collection<PeerNode> all) {
        final int bucket = RowBuckets.of(rowCount);
        final long ns = Math.min(responseNs, hedge.ceilingNs());
        node.windows[bucket].add(ns);
        pooled[bucket].add(ns);
        if (medianAge[bucket]-- <= 0) {
            medianAge[bucket] = MEDIAN_REFRESH;
            medianNs[bucket] = lowerMedianNs(bucket, all);
        }
        if (medianNs[bucket] > 0) {
            judge(node, ns / Math.max(medianNs[bucket], (double) gray.baseNs()));
        }
    }

    private void judge(final PeerNode node, final double ratio) {
        node.slowness += (Math.clamp(ratio, 1, mostRatio) - node.slowness) * SMOOTHING;
        if (node.slowness >= gray.slowFrom()) {
            node.slow = true;
        } else if (node.slowness < gray.slowUntil()) {
            node.slow = false;
        }
    }

    /** A node that was away proves itself on a trickle before it has its share again. */
    void onProbation(final PeerNode node) {
        node.slow = true;
        node.slowness = Math.max(node.slowness, gray.slowFrom());
    }

    /** The lower of two middles, so that of two nodes the slow one is told. 0 with fewer than two nodes. */
    private double lowerMedianNs(final int bucket, final Collection<PeerNode> all) {
        int count = 0;
        for (final PeerNode node : all) {
            if (node.windows[bucket].count() >= MEDIAN_SAMPLES) {
                if (count == means.length) {
                    means = Arrays.copyOf(means, 2 * count);
                }
                means[count++] = node.windows[bucket].meanNs();
            }
        }
        if (count < 2) {
            return 0;
        }
        Arrays.sort(means, 0, count);
        return means[(count - 1) / 2];
    }

    /** How long the node may take for a shard before it is late. */
    long deadlineNs(final PeerNode node, final int rowCount) {
        final int bucket = RowBuckets.of(rowCount);
        final long own = hedge.deadlineNs(node.windows[bucket]);
        if (own >= 0) {
            return own;
        }
        final long anybody = hedge.deadlineNs(pooled[bucket]);
        return anybody >= 0 ? anybody : hedge.ceilingNs();
    }

    /** The time that the node will probably take; 0 if that is unknown. */
    double expectedNs(final PeerNode node, final int rowCount) {
        return pooled[RowBuckets.of(rowCount)].meanNs() * node.slowness;
    }
}
