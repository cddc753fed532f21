package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NackReason;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A router that takes nothing any more, as one that is stopped or collects garbage for long, costs the others nothing.
 */
class StalledRouterTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261129L);
    /** A channel holds a few rows, and a router that stalls isn't disconnected while the test runs. */
    private static final String SMALL_CHANNELS = """
            cheshire.transport {
              term-buffer-bytes = 65536, ipc-mtu-bytes = 8192, window-rows = 600
              send-timeout = 600 s, peer-timeout = 600 s
            }
            cheshire.expert-node.max-batch-rows = 64
            """;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldServeOthersWhenARouterReadsNothing(final boolean udp) {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(512, Precision.BF16, SMALL_CHANNELS)) {
            final ExpertNode node = cluster.addNode(0, channel(udp));
            cluster.loadAll(node);
            final TestRouter stalled =
                    cluster.addRouter(0, channel(udp), cluster.identity(), cluster.transport(), null);
            final TestRouter other = cluster.addRouter(1, channel(udp), cluster.identity(), cluster.transport(), null);
            cluster.routers.forEach(router -> router.transport.connect(node.endpoint()));
            cluster.await("both are served", () -> stalled.ready.size() == 1 && other.ready.size() == 1);
            for (int i = 0; i < 8; i++) {
                stalled.send(0, new ExpertKey(i % 2, i % 4), 70, random);
            }
            cluster.await("all of it is dispatched", stalled.unsent::isEmpty);
            cluster.routers.remove(stalled);

            for (int i = 0; i < 40; i++) {
                other.send(0, new ExpertKey(i % 2, i % 4), random.nextInt(1, 9), random);
            }
            cluster.await("the other's results of seed " + SEED, () -> other.open.isEmpty());
            assertThat(cluster.nodeLinks.getFirst().counters().get(TransportCounter.LINKS_LOST))
                    .as("links that had to end for it")
                    .isZero();

            cluster.routers.add(stalled);
            cluster.await("its own results, once it goes on", () -> stalled.open.isEmpty());
            assertThat(stalled.nacks).isEmpty();
            assertThat(stalled.ignored).isZero();
            cluster.routers.forEach(router -> assertThat(router.defects).isEmpty());
            cluster.await("all credit", () -> stalled.transport.creditRows(0) == 600);
            assertThat(node.loads().stream()
                            .mapToLong(load -> load.rowsServed())
                            .sum())
                    .as("rows served")
                    .isEqualTo(560 + other.rowsAnswered);
            assertThat(node.rowsHeld()).isZero();
            cluster.get(node.drain());
        }
    }

    @Test
    void shouldRefuseWhatItHasNoRoomForWhenARouterReadsNothing() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(
                512, Precision.BF16, SMALL_CHANNELS + "\ncheshire.expert-node.max-unsent-bytes = 140000")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.loadAll(node);
            final TestRouter stalled = cluster.addRouter(0, null);
            stalled.transport.connect(node.endpoint());
            for (int i = 0; i < 8; i++) {
                stalled.send(0, new ExpertKey(i % 2, i % 4), 70, random);
            }
            cluster.await("all of it is dispatched", stalled.unsent::isEmpty);
            cluster.routers.remove(stalled);
            cluster.await(
                    "the node holds no more than it may",
                    () -> node.unsentBytes() <= 140_000 && node.rowsHeld() <= 140_000 / 2048 + 70);

            cluster.routers.add(stalled);
            cluster.await("all of it after further tries", () -> stalled.open.isEmpty());
            assertThat(stalled.defects).isEmpty();
            assertThat(stalled.nacks).isNotEmpty().containsOnly(NackReason.OVERLOADED);
            cluster.await("all credit", () -> stalled.transport.creditRows(0) == 600);
            assertThat(node.rowsHeld()).isZero();
            assertThat(node.unsentBytes()).isZero();
        }
    }

    @Test
    void shouldDropWhatWaitsWhenTheRouterIsGivenUp() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster =
                new NodeCluster(512, Precision.BF16, SMALL_CHANNELS + "\ncheshire.transport.send-timeout = 50 ms")) {
            final ExpertNode node = cluster.addNode(0, Channels.IPC);
            cluster.loadAll(node);
            final TestRouter stalled = cluster.addRouter(0, null);
            stalled.transport.connect(node.endpoint());
            for (int i = 0; i < 8; i++) {
                stalled.send(0, new ExpertKey(i % 2, i % 4), 70, random);
            }
            cluster.await("all of it is dispatched", stalled.unsent::isEmpty);
            cluster.routers.remove(stalled);
            cluster.await(
                    "its link ends",
                    () -> cluster.nodeLinks.getFirst().counters().get(TransportCounter.LINKS_LOST) == 1);
            cluster.await("nothing is held for it", () -> node.rowsHeld() == 0 && node.unsentBytes() == 0);
            cluster.get(node.drain());
            stalled.close();
        }
    }

    private static String channel(final boolean udp) {
        return udp ? Channels.udp("localhost", ExpertNodeTest.freePort()) : Channels.IPC;
    }
}
