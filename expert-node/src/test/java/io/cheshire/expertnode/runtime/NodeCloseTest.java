package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.settings.SettingReader;
import io.cheshire.testing.ExpectedErrors;
import io.cheshire.transport.core.RouterLink;
import io.cheshire.transport.core.RouterLinks;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.runtime.StartingIdentity;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A node that stops leaves nobody waiting and keeps no memory. */
class NodeCloseTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261201L);
    private static final ExpertKey KEY = new ExpertKey(0, 1);

    private final SplittableRandom random = new SplittableRandom(SEED);

    @Test
    void shouldFailWhatItHasNotBegunWhenItStops() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            final List<CompletionStage<?>> asked =
                    List.of(node.load(KEY, ""), node.unload(KEY), node.probe(KEY, 7), node.drain());

            cluster.removeNode(node);

            assertStopped(asked);
        }
    }

    @Test
    void shouldFailWhatItHasNotDoneWhenItStops() {
        final DeferredKernels kernels = new DeferredKernels(random.split());
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = node(cluster, kernels);
            cluster.get(node.load(KEY, ""));
            cluster.get(node.load(new ExpertKey(0, 2), ""));
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            kernels.hold(true);
            router.send(0, KEY, 3, random);
            cluster.await("a call is under way", () -> kernels.underWay == 1);
            final List<CompletionStage<?>> asked =
                    List.of(node.unload(KEY), node.probe(new ExpertKey(0, 2), 7), node.drain());
            for (int i = 0; i < 50; i++) {
                cluster.turn();
            }
            assertThat(asked).noneMatch(stage -> stage.toCompletableFuture().isDone());

            cluster.removeNode(node);

            assertStopped(asked);
            kernels.hold(false);
        }
    }

    @Test
    @ExpectedErrors("node 0 can't free 1 of 9 parts")
    void shouldFreeTheOtherUnitsWhenOneCannotBeFreed() {
        final FailingKernels kernels = new FailingKernels();
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = node(cluster, kernels);
            cluster.loadAll(node);
            assertThat(kernels.open).isEqualTo(8);
            kernels.closeFailures = 1;

            cluster.removeNode(node);
            cluster.device.doWork();

            assertThat(kernels.open).isEqualTo(1);
        }
    }

    @Test
    void shouldFreeAUnitThatTheDeviceIsYetToPack() {
        final FailingKernels kernels = new FailingKernels();
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = node(cluster, kernels);
            final CompletionStage<?> load = node.load(KEY, "");
            node.doWork(); // reads it and gives it to the device

            cluster.removeNode(node);
            assertThat(cluster.device.doWork()).isEqualTo(1);
            assertThat(kernels.open).as("packed, although nobody will take it").isEqualTo(1);
            assertThat(cluster.device.doWork()).isEqualTo(1);

            assertThat(kernels.open).isZero();
            assertStopped(List.of(load));
        }
    }

    @Test
    void shouldFreeAUnitThatWaitsForItsKernelsToBeWarm() {
        final FailingKernels kernels = new FailingKernels();
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "cheshire.expert-node.warm-up = 60 s")) {
            final ExpertNode node = node(cluster, kernels);
            final CompletionStage<?> load = node.load(KEY, "");
            for (int i = 0; i < 10; i++) {
                cluster.turn();
            }
            assertThat(kernels.open).isEqualTo(1);

            cluster.removeNode(node);
            while (cluster.device.doWork() > 0) {
                // the last job is among what it does
            }

            assertThat(kernels.open).isZero();
            assertStopped(List.of(load));
        }
    }

    @Test
    void shouldFreeItsUnitsWhenItsLinksCannotBeClosed() {
        final FailingKernels kernels = new FailingKernels();
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = new ExpertNode(
                    StartingIdentity.node(0, Channels.IPC),
                    new UnclosableLinks(),
                    cluster.model,
                    cluster.precision,
                    kernels,
                    cluster.device,
                    cluster.source,
                    Runnable::run,
                    SettingReader.read(cluster.config, ExpertNodeConfig::from),
                    cluster.transport());
            final CompletionStage<?> load = node.load(KEY, "");
            node.doWork();
            cluster.device.doWork();
            assertThat(kernels.open).isEqualTo(1);

            assertThatThrownBy(node::onClose).hasMessage("as asked for");
            cluster.device.doWork();

            assertThat(kernels.open).isZero();
            assertStopped(List.of(load));
        }
    }

    private static final class UnclosableLinks implements RouterLinks {
        @Override
        public int doWork(final long nowNs, final Listener listener) {
            return 0;
        }

        @Override
        public void endStalled(final RouterLink link) {}

        @Override
        public void close() {
            throw new IllegalStateException("as asked for");
        }
    }

    private static ExpertNode node(final NodeCluster cluster, final Kernels kernels) {
        return cluster.addNode(
                StartingIdentity.node(0, Channels.IPC), kernels, cluster.identity(), cluster.transport());
    }

    private static void assertStopped(final List<CompletionStage<?>> asked) {
        for (final CompletionStage<?> stage : asked) {
            assertThat(stage.toCompletableFuture().exceptionNow()).hasMessageContaining("node 0 was stopped");
        }
    }
}
