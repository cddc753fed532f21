package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.transport.runtime.Channels;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows go over real channels and come back as a direct call of the kernel would have answered, bit for bit. */
class ExpertNodeTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261123L);

    @ParameterizedTest
    @EnumSource(Precision.class)
    void shouldAnswerAsTheKernelDoesWhenShardsOfAnySizeAreDispatched(final Precision precision) {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(64, precision, "")) {
            for (int node = 0; node < 3; node++) {
                cluster.loadAll(cluster.addNode(node, Channels.IPC));
            }
            final TestRouter router = cluster.addRouter(0, null);
            cluster.nodes.forEach(node -> router.transport.connect(node.endpoint()));
            cluster.await("three nodes are ready", () -> router.ready.size() == 3);

            long rows = 0;
            for (int i = 0; i < 60; i++) {
                final int rowCount = random.nextInt(10) == 0 ? random.nextInt(300, 1500) : random.nextInt(1, 20);
                rows += rowCount;
                router.send(random.nextInt(3), ExpertKey.ofUnitIndex(random.nextInt(8), 4), rowCount, random);
            }
            cluster.await("all results of seed " + SEED, () -> router.open.isEmpty());

            assertThat(router.defects).isEmpty();
            assertThat(router.nacks).isEmpty();
            assertThat(router.ignored).isZero();
            assertThat(cluster.nodes.stream()
                            .flatMap(node -> node.loads().stream())
                            .mapToLong(load -> load.rowsServed())
                            .sum())
                    .as("rows served")
                    .isEqualTo(rows);
        }
    }

    @Test
    void shouldReassembleFramesWhenARowIsLargerThanAFragment() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(512, Precision.FP32, "cheshire.transport.ipc-mtu-bytes = 1408")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.loadAll(node);
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            for (int i = 0; i < 10; i++) {
                router.send(0, new ExpertKey(i % 2, i % 4), random.nextInt(1, 200), random);
            }
            cluster.await("all results of seed " + SEED, () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
        }
    }
}
