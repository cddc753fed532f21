package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.testing.ExpectedErrors;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.runtime.StartingIdentity;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    void shouldAnswerAsEverWhenItsKernelsWereCalledBeforeItsFirstUnit() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "cheshire.expert-node.warm-up = 100 ms")) {
            final long beganNs = System.nanoTime();
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.loadAll(node);
            assertThat(System.nanoTime() - beganNs).as("ns until it had units").isGreaterThanOrEqualTo(100_000_000);
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            for (int i = 0; i < 10; i++) {
                router.send(0, new ExpertKey(i % 2, i % 4), random.nextInt(1, 20), random);
            }
            cluster.await("all results of seed " + SEED, () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
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

    @Test
    void shouldAnswerOverUdpWhenARowIsLargerThanADatagram() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(1024, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(0, Channels.udp("localhost", freePort()));
            cluster.loadAll(node);
            final TestRouter router = cluster.addRouter(
                    0, Channels.udp("localhost", freePort()), cluster.identity(), cluster.transport(), null);
            router.transport.connect(node.endpoint());
            for (int i = 0; i < 20; i++) {
                router.send(0, new ExpertKey(i % 2, i % 4), random.nextInt(1, 30), random);
            }
            cluster.await("all results of seed " + SEED, () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
            assertThat(router.nacks).isEmpty();
        }
    }

    @Test
    void shouldServeSeveralRoutersWhenTheirShardsShareABatch() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.loadAll(node);
            for (int id = 0; id < 3; id++) {
                cluster.addRouter(id, null).transport.connect(node.endpoint());
            }
            for (int i = 0; i < 40; i++) {
                for (final TestRouter router : cluster.routers) {
                    router.send(0, new ExpertKey(0, random.nextInt(2)), random.nextInt(1, 9), random);
                }
            }
            cluster.await(
                    "all results of seed " + SEED,
                    () -> cluster.routers.stream().allMatch(router -> router.open.isEmpty()));
            cluster.routers.forEach(router -> assertThat(router.defects).isEmpty());
            cluster.routers.forEach(router -> assertThat(router.ignored).isZero());
        }
    }

    @Test
    void shouldMakeTheRouterWaitWhenCreditsAreExhausted() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "cheshire.transport.window-rows = 20")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.loadAll(node);
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            cluster.await("the node is ready", () -> router.ready.containsKey(0));
            assertThat(router.transport.creditRows(0)).isEqualTo(20);
            router.send(0, new ExpertKey(0, 0), 21, random);
            assertThat(router.transport.dispatch(router.unsent.element().shard, router.unsent.element().rows))
                    .isEqualTo(SendOutcome.TOO_LARGE);
            router.open.clear();
            router.unsent.clear();
            for (int i = 0; i < 30; i++) {
                router.send(0, new ExpertKey(0, i % 4), random.nextInt(1, 21), random);
            }
            router.send(0, new ExpertKey(0, 0), 20, random);
            router.send(0, new ExpertKey(0, 0), 1, random);
            cluster.await("all results of seed " + SEED, () -> router.open.isEmpty());
            assertThat(router.nacks).isEmpty();
            assertThat(router.defects).isEmpty();
            assertThat(router.transport.creditRows(0)).isEqualTo(20);
        }
    }

    /** A mapped file shows what others write to it, and faults where they cut it off. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @ExpectedErrors("can't load ExpertKey")
    void shouldRefuseAUnitWhoseFileChangedWhileItWasCopied(final int faults) {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ChangingFile file = new ChangingFile(cluster::weights);
            cluster.source = file;
            final FailingKernels kernels = new FailingKernels();
            final ExpertNode node = cluster.addNode(
                    StartingIdentity.node(0, Channels.IPC), kernels, cluster.identity(), cluster.transport());
            final ExpertKey key = new ExpertKey(0, 1);
            file.isChanged = true;
            kernels.faults = faults;

            assertThatThrownBy(() -> cluster.get(node.load(key, "")))
                    .hasMessageContainingAll("node 0 can't load", "a.safetensors was changed");
            assertThat(node.residentBytes()).isZero();

            file.isChanged = false;
            assertThat(cluster.get(node.load(key, "")).key()).isEqualTo(key);
        }
    }

    private static final class ChangingFile implements UnitSource {
        private final UnitSource weights;
        private boolean isChanged;

        ChangingFile(final UnitSource weights) {
            this.weights = weights;
        }

        @Override
        public UnitWeights unit(final ExpertKey key) {
            return weights.unit(key);
        }

        @Override
        public void requireUnchanged(final ExpertKey key) {
            if (isChanged) {
                throw new IllegalStateException("a.safetensors was changed");
            }
        }
    }

    @Test
    void shouldNackWhenAUnitIsUnknownUnloadedOrTheNodeDrains() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.get(node.load(new ExpertKey(0, 0), ""));
            final TestRouter router = cluster.addRouter(0, null);
            router.retries = false;
            router.transport.connect(node.endpoint());
            router.send(0, new ExpertKey(0, 1), 3, random);
            router.send(0, new ExpertKey(0, 0), 3, random);
            cluster.await("both answers", () -> router.open.isEmpty());
            assertThat(router.nacks).containsExactly(NackReason.NOT_RESIDENT);
            assertThat(node.residentBytes()).isPositive();

            cluster.get(node.unload(new ExpertKey(0, 0)));
            assertThat(node.residentBytes()).isZero();
            router.send(0, new ExpertKey(0, 0), 3, random);
            cluster.await("the answer", () -> router.open.isEmpty());

            cluster.get(node.load(new ExpertKey(0, 0), ""));
            cluster.get(node.drain());
            router.send(0, new ExpertKey(0, 0), 3, random);
            cluster.await("the answer", () -> router.open.isEmpty());
            assertThat(router.nacks)
                    .containsExactly(NackReason.NOT_RESIDENT, NackReason.NOT_RESIDENT, NackReason.DRAINING);
            cluster.await(
                    "all credits are back",
                    () -> router.transport.creditRows(0)
                            == cluster.transport().links().windowRows());
        }
    }

    @Test
    void shouldRefuseALoadWithNumbersWhenItDoesNotFit() {
        try (NodeCluster cluster =
                new NodeCluster(64, Precision.BF16, "cheshire.expert-node.max-weight-bytes = 20000")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            final CompletableFuture<HeldUnit> load =
                    node.load(new ExpertKey(0, 0), "").toCompletableFuture();
            final CompletableFuture<HeldUnit> second =
                    node.load(new ExpertKey(0, 1), "").toCompletableFuture();
            final CompletableFuture<HeldUnit> unknown =
                    node.load(new ExpertKey(9, 1), "").toCompletableFuture();
            cluster.await("the outcomes", () -> load.isDone() && second.isDone() && unknown.isDone());
            assertThat(load.join().key()).isEqualTo(new ExpertKey(0, 0));
            assertThatThrownBy(second::join)
                    .hasMessageContainingAll("18432", "20000", "cheshire.expert-node.max-weight-bytes");
            assertThatThrownBy(unknown::join).hasMessageContaining("2 layers");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "max-batch-rows = 8388608, max-batch-rows = 8388608, 8388607",
        "max-unsent-bytes = 1000, max-unsent-bytes = 1000, 65536",
    })
    void shouldNameSettingAndLimitWhenABatchCannotFit(final String setting, final String said, final String limit) {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "cheshire.expert-node." + setting)) {
            assertThatThrownBy(() -> cluster.addNode(0, Channels.IPC))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("cheshire.expert-node." + said, limit);
        }
    }

    @Test
    void shouldDispatchRowsOfALaneThatIsLongerThanAnIntCounts() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.loadAll(node);
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            cluster.await("the node is ready", () -> router.ready.size() == 1);
            router.send(0, new ExpertKey(0, 0), 1, new SplittableRandom(SEED));
            final TestRouter.Open entry = router.unsent.remove();
            // The lane is said to be longer than it is: a row far back isn't read, the first one is.
            final MemorySegment lane =
                    MemorySegment.ofAddress(entry.rows.address()).reinterpret(3L << 30);
            assertThat(router.transport.dispatch(entry.shard, lane)).isEqualTo(SendOutcome.SENT);
            cluster.await("the result", () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
        }
    }

    @Test
    @ExpectedErrors("failed to compute")
    void shouldNackAndStayHealthyWhenAKernelFails() {
        final SplittableRandom random = new SplittableRandom(SEED);
        final FailingKernels failing = new FailingKernels();
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(
                    StartingIdentity.node(0, Channels.IPC), failing, cluster.identity(), cluster.transport());
            cluster.loadAll(node);
            failing.failures = 3;
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            for (int i = 0; i < 5; i++) {
                router.send(0, new ExpertKey(0, i % 4), 300, random);
            }
            cluster.await("all results", () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
            assertThat(router.nacks).isNotEmpty().containsOnly(NackReason.COMPUTE_FAILED);
            assertThat(router.transport.creditRows(0))
                    .isEqualTo(cluster.transport().links().windowRows());
        }
    }

    @Test
    void shouldAnswerTheSameWithoutATransport() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "");
                AllUnits units =
                        new AllUnits(cluster.model, cluster.precision, cluster.kernels, cluster::weights, 40)) {
            final TestRouter router = new TestRouter(
                    cluster, new InProcessExpertTransport(cluster.identity(), cluster.device, units, 40, 8));
            cluster.routers.add(router);
            router.transport.connect(StartingIdentity.node(0, Channels.IPC));
            for (int i = 0; i < 30; i++) {
                router.send(0, new ExpertKey(i % 2, i % 4), random.nextInt(1, 100), random);
            }
            cluster.await("all results of seed " + SEED, () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
        }
    }

    static int freePort() {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (final SocketException cause) {
            throw new UncheckedIOException(cause);
        }
    }
}
