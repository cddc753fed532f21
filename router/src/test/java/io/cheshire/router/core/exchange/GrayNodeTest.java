package io.cheshire.router.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.router.core.exchange.FailoverRig.Sent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A node that works, but slowly: its share shrinks and comes back without flapping. */
class GrayNodeTest {
    private static final int SLOW_NODE = 2;
    private static final long WELL_NS = 50;

    private final FailoverRig rig = new FailoverRig(1, 4, 2);
    private final List<Owed> owed = new ArrayList<>();
    private long slowNs = WELL_NS;
    private int flips;
    private boolean wasSlow;
    private long longestLayerNs;

    private record Owed(Sent shard, long dueNs) {}

    @Test
    void shouldShrinkTheShareOfASlowNodeAndGiveItBack() {
        assertThat(shareOfSlowNode(200)).isEqualTo(1.0);
        slowNs = 40 * WELL_NS;
        for (int i = 0; i < 1000 && !rig.node(SLOW_NODE).slow(); i++) {
            shareOfSlowNode(1);
        }
        shareOfSlowNode(1);
        longestLayerNs = 0;
        final double shrunk = shareOfSlowNode(400);
        assertThat(longestLayerNs).as("nobody waits for the trickle").isLessThan(2 * WELL_NS);
        assertThat(shrunk).as("a trickle").isBetween(0.01, 0.3);
        slowNs = WELL_NS;
        shareOfSlowNode(400);
        assertThat(shareOfSlowNode(200)).as("its whole share").isEqualTo(1.0);
        assertThat(flips).as("changes of mind").isEqualTo(2);
        settle();
        rig.assertBalanced();
    }

    @Test
    void shouldNotFlapAroundTheLimit() {
        shareOfSlowNode(100);
        for (int round = 0; round < 20; round++) {
            slowNs = round % 2 == 0 ? 2 * WELL_NS : 4 * WELL_NS;
            shareOfSlowNode(20);
        }
        assertThat(flips).isLessThanOrEqualTo(2);
    }

    @Test
    void shouldNotMindASinglePause() {
        shareOfSlowNode(100);
        slowNs = 400;
        shareOfSlowNode(1);
        slowNs = WELL_NS;
        assertThat(shareOfSlowNode(100)).as("all but while it pauses").isGreaterThan(0.9);
        assertThat(flips).isZero();
    }

    @Test
    void shouldUseASlowNodeWhereNobodyElseHoldsTheUnit() {
        final FailoverRig alone = new FailoverRig(1, 4, 1);
        alone.exchange.nodeLost(SLOW_NODE, SLOW_NODE);
        alone.exchange.nodeReady(SLOW_NODE, 0);
        assertThat(alone.node(SLOW_NODE).slow()).isTrue();
        alone.begin(0, 2, 5);
        assertThat(alone.sent).extracting(Sent::nodeId).containsExactly(SLOW_NODE, 1);
    }

    @Test
    void shouldTakeTheReplicaThatIsDoneClearlySooner() {
        final FailoverRig two = new FailoverRig(2, 4, 2);
        for (int i = 0; i < 8; i++) {
            two.begin(0, 2, 3);
            two.nowNs += 100;
            two.sent.forEach(two::answer);
            two.sent.clear();
        }
        two.begin(0, 2, 6); // both at home on node 2
        assertThat(two.sent)
                .as("node 2 has one already, node 3 nothing")
                .extracting(Sent::nodeId)
                .containsExactly(2, 3);
        two.begin(1, 2, 5);
        assertThat(two.sent.get(2).nodeId()).as("both have one: home first").isEqualTo(2);
    }

    /**
     * Layers of two shards, one at home on the slow node, the other with its replica there: the fraction of them in
     * which it got any.
     */
    private double shareOfSlowNode(final int layers) {
        int got = 0;
        for (int i = 0; i < layers; i++) {
            final int before = rig.sent.size();
            final long sinceNs = rig.nowNs;
            rig.begin(0, SLOW_NODE, 1);
            while (!rig.exchange.layerComplete(0)) {
                takeNew(before);
                answerNext();
            }
            takeNew(before);
            rig.assertComplete(0, 0);
            longestLayerNs = Math.max(longestLayerNs, rig.nowNs - sinceNs);
            got += rig.sent.subList(before, rig.sent.size()).stream().anyMatch(s -> s.nodeId() == SLOW_NODE) ? 1 : 0;
            final boolean slow = rig.node(SLOW_NODE).slow();
            flips += slow == wasSlow ? 0 : 1;
            wasSlow = slow;
        }
        return (double) got / layers;
    }

    private int taken;

    private void takeNew(final int from) {
        for (int i = Math.max(from, taken); i < rig.sent.size(); i++) {
            final Sent shard = rig.sent.get(i);
            owed.add(new Owed(shard, rig.nowNs + (shard.nodeId() == SLOW_NODE ? slowNs : WELL_NS)));
        }
        taken = rig.sent.size();
    }

    private void answerNext() {
        owed.sort(Comparator.comparingLong(Owed::dueNs));
        final Owed next = owed.getFirst();
        rig.pass(Math.clamp(next.dueNs - rig.nowNs, 0, 20));
        if (rig.nowNs >= next.dueNs) {
            owed.removeFirst();
            rig.answer(next.shard);
        }
    }

    private void settle() {
        while (!owed.isEmpty()) {
            answerNext();
        }
    }
}
