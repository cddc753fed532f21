package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.transport.core.FrameHook.Direction;
import io.cheshire.transport.core.LinkFaults;
import io.cheshire.transport.core.SeededFaults;
import io.cheshire.transport.protocol.Channels;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What networks do to frames changes no result, takes no credit for good, and is combined once. */
class FaultsTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261123L);
    private static final String FAST =
            "cheshire.transport { checksum.ipc = on, heartbeat-interval = 5 ms, partial-timeout = 50 ms, window-rows = 256 }";

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("drop", LinkFaults.drop(0.1)),
                Arguments.of("duplicate", LinkFaults.duplicate(0.5)),
                Arguments.of("corrupt", LinkFaults.corrupt(0.1)),
                Arguments.of("reorder", LinkFaults.reorder(0.3)),
                Arguments.of("delay", LinkFaults.delay(200_000, 2_000_000)),
                Arguments.of("all", new LinkFaults(0.05, 0.1, 0.05, 0.1, 10_000, 500_000, false)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void shouldAnswerRightAndOnceWhenFramesSuffer(final String name, final LinkFaults linkFaults) {
        final SplittableRandom random = new SplittableRandom(SEED);
        final SeededFaults faults = new SeededFaults(SEED);
        try (NodeCluster cluster =
                new NodeCluster(64, Precision.BF16, FAST + "\ncheshire.transport.ipc-mtu-bytes = 4096")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.loadAll(node);
            final TestRouter router = cluster.addRouter(0, faults);
            router.resendAfterNs = 100_000_000;
            router.transport.connect(node.endpoint());
            cluster.await("the node is ready", () -> router.ready.containsKey(0));
            faults.set(0, Direction.TO_NODE, linkFaults);
            faults.set(0, Direction.FROM_NODE, linkFaults);
            for (int i = 0; i < 100; i++) {
                router.send(0, ExpertKey.ofUnitIndex(random.nextInt(8), 4), random.nextInt(1, 80), random);
            }
            cluster.await("all results under " + name + ", seed " + SEED, () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
            assertThat(faults.injectedCount()).as("faults done").isPositive();

            faults.heal();
            cluster.await(
                    "credits and queues as at the start",
                    () -> router.transport.creditRows(0) >= 256 && node.rowsHeld() == 0);
        }
    }

    @Test
    void shouldLoseTheNodeWhenPartitionedAndFindItAgainWhenHealed() {
        final SeededFaults faults = new SeededFaults(SEED);
        try (NodeCluster cluster = new NodeCluster(
                64,
                Precision.BF16,
                "cheshire.transport { heartbeat-interval = 5 ms, peer-timeout = 100 ms, reconnect-interval = 20 ms }")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.loadAll(node);
            final TestRouter router = cluster.addRouter(0, faults);
            router.transport.connect(node.endpoint());
            for (final Direction direction : Direction.values()) {
                cluster.await("the node is ready", () -> router.ready.containsKey(0));
                faults.set(0, direction, LinkFaults.PARTITION);
                cluster.await("the node is lost", () -> !router.ready.containsKey(0));
                faults.heal();
            }
            cluster.await("the node is ready again", () -> router.ready.containsKey(0));
            router.send(0, new ExpertKey(0, 0), 3, new SplittableRandom(1));
            cluster.await("the result", () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
        }
    }
}
