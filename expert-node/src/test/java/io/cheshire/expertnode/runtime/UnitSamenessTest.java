package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.DigestedUnit;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NackReason;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a node says of the bytes and the answers of its units, so that copies can be compared. */
class UnitSamenessTest {
    private static final ExpertKey KEY = new ExpertKey(1, 2);
    private static final float[] GOLDEN = {0.7734375f, 0.03125f, -0.015625f};

    @Test
    void shouldSayWhatItRead() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final HeldUnit first = cluster.get(cluster.addNode(0, Channels.IPC).load(KEY, ""));
            final HeldUnit second = cluster.get(cluster.addNode(1, Channels.IPC).load(KEY, first.sha256()));

            assertThat(first.key()).isEqualTo(KEY);
            assertThat(second).isEqualTo(first);
            assertThat(first.sha256())
                    .isEqualTo(DigestedUnit.of(cluster.weights(KEY)).sha256());
        }
    }

    @Test
    void shouldNotTakeIntoServiceWhatIsNotWhatItMustBe() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final HeldUnit right = cluster.get(cluster.addNode(0, Channels.IPC).load(KEY, ""));
            cluster.source = key -> oneBitOff(cluster.weights(key));
            final ExpertNode node = cluster.addNode(1, Channels.IPC);

            final HeldUnit read = cluster.get(node.load(KEY, right.sha256()));

            assertThat(read.sha256()).isNotEqualTo(right.sha256());
            assertThat(node.residentBytes()).isZero();
            final TestRouter router = cluster.addRouter(0, null);
            router.retries = false;
            router.transport.connect(node.endpoint());
            router.send(1, KEY, 3, new SplittableRandom(1));
            cluster.await("the answer", () -> router.open.isEmpty());
            assertThat(router.nacks).containsExactly(NackReason.NOT_RESIDENT);
        }
    }

    @Test
    void shouldAnswerAProbeAlikeWhereTheWeightsAreAlikeAndCountItNowhere() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode first = cluster.addNode(0, Channels.IPC);
            final ExpertNode second = cluster.addNode(1, Channels.IPC);
            cluster.source = key -> oneBitOff(cluster.weights(key));
            final ExpertNode damaged = cluster.addNode(2, Channels.IPC);
            cluster.get(first.load(KEY, ""));
            cluster.get(second.load(KEY, ""));
            cluster.get(damaged.load(KEY, ""));

            final String answer = cluster.get(first.probe(KEY, 7));

            assertThat(cluster.get(second.probe(KEY, 7))).isEqualTo(answer);
            assertThat(cluster.get(second.probe(KEY, 8))).isNotEqualTo(answer);
            assertThat(cluster.get(damaged.probe(KEY, 7))).isNotEqualTo(answer);
            assertThat(first.loads()).allMatch(load -> load.rowsServed() == 0 && load.computeNs() == 0);
            assertThat(first.loads().stream().mapToLong(UnitLoad::shardsServed).sum())
                    .isZero();
        }
    }

    @Test
    void shouldRefuseAProbeOfAUnitThatItDoesNotHold() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);

            assertThatThrownBy(() -> cluster.get(node.probe(KEY, 7))).hasMessageContaining("doesn't hold");
        }
    }

    @Test
    void shouldLetRowsOfRoutersGoFirstAndGiveUpAProbeThatWaitsTooLong() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "cheshire.expert-node.probe-wait = 0 s")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.get(node.load(KEY, ""));
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            cluster.await("a link", () -> router.transport.creditRows(0) > 0);
            router.send(0, KEY, 3, new SplittableRandom(1));
            while (node.rowsHeld() == 0) {
                cluster.dataPlane.doWork();
                router.doWork();
                node.doWork();
            }
            final var probe = node.probe(KEY, 7).toCompletableFuture();
            node.doWork(); // hears of it
            node.doWork(); // is still busy

            assertThat(probe).isCompletedExceptionally();
            assertThatThrownBy(probe::join).hasMessageContaining("busy");
            cluster.await("the answer", () -> router.open.isEmpty());
            assertThat(cluster.get(node.probe(KEY, 7))).hasSize(64);
        }
    }

    @Test
    void shouldDrawTheSameRowEverywhere() {
        // A golden value: two versions that drew differently would let go of each other's copies.
        assertThat(new float[] {ProbeRow.value(7, 0), ProbeRow.value(7, 1), ProbeRow.value(-1, 4095)})
                .containsExactly(GOLDEN);
        for (int i = 0; i < 1000; i++) {
            assertThat(ProbeRow.value(42, i)).isBetween(-1f, 0.9921875f);
        }
    }

    private static UnitWeights oneBitOff(final UnitWeights weights) {
        final int bits = weights.w2().data().getAtIndex(ValueLayout.JAVA_INT, 17);
        weights.w2().data().setAtIndex(ValueLayout.JAVA_INT, 17, bits ^ (1 << 22));
        return weights;
    }
}
