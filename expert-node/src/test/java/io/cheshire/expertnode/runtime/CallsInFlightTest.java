package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.testing.ExpectedErrors;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.runtime.StartingIdentity;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A node whose device computes beside its thread, several calls at once, which end in any order. */
class CallsInFlightTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261130L);

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final DeferredKernels kernels = new DeferredKernels(random.split());

    private ExpertNode node(final NodeCluster cluster) {
        return cluster.addNode(
                StartingIdentity.node(0, Channels.IPC), kernels, cluster.identity(), cluster.transport());
    }

    private static TestRouter router(final NodeCluster cluster, final ExpertNode node) {
        final TestRouter router = cluster.addRouter(0, null);
        router.transport.connect(node.endpoint());
        cluster.await("the node is ready", () -> !router.ready.isEmpty());
        return router;
    }

    @Test
    void shouldAnswerEachShardWithItsOwnRowsInWhateverOrderCallsEnd() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = node(cluster);
            cluster.loadAll(node);
            final TestRouter router = router(cluster, node);
            for (int i = 0; i < 80; i++) {
                router.send(0, ExpertKey.ofUnitIndex(random.nextInt(8), 4), random.nextInt(1, 30), random);
            }
            cluster.await("all results of seed " + SEED, () -> router.open.isEmpty());

            assertThat(router.defects).isEmpty();
            assertThat(router.nacks).isEmpty();
            assertThat(kernels.mostUnderWay).isEqualTo(2);
            assertThat(kernels.underWay).isZero();
        }
    }

    @Test
    void shouldUnloadAUnitOnceNoCallOfItIsUnderWay() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = node(cluster);
            cluster.loadAll(node);
            final TestRouter router = router(cluster, node);
            kernels.hold(true);
            router.send(0, new ExpertKey(0, 0), 3, random);
            router.send(0, new ExpertKey(0, 1), 3, random);
            cluster.await("two calls are under way", () -> kernels.underWay == 2);
            final CompletableFuture<ExpertKey> unload =
                    node.unload(new ExpertKey(0, 0)).toCompletableFuture();
            for (int i = 0; i < 50; i++) {
                cluster.turn();
            }
            assertThat(unload).isNotDone();

            kernels.hold(false);
            cluster.get(unload);
            cluster.await("both results", () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
        }
    }

    @Test
    @ExpectedErrors("failed to compute")
    void shouldRefuseWhatEveryCallHoldsWhenTheDeviceIsLost() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = node(cluster);
            cluster.loadAll(node);
            final TestRouter router = router(cluster, node);
            kernels.hold(true);
            router.send(0, new ExpertKey(0, 0), 3, random);
            router.send(0, new ExpertKey(0, 1), 3, random);
            cluster.await("two calls are under way", () -> kernels.underWay == 2);
            router.send(0, new ExpertKey(1, 2), 3, random);

            router.retries = false;
            kernels.lost = true;
            cluster.await("all are refused", () -> router.nacks.size() == 3);
            assertThat(router.nacks).containsOnly(NackReason.DEVICE_LOST);
            assertThat(kernels.underWay).isZero();
        }
    }
}
