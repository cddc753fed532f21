package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.runtime.lifeline.LifelineServer;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A link whose lifeline is cut: by the end of the node's process, or by the network while the node lives. */
class LifelineLinkTest {
    /** Heartbeats would take longer than any test to say the same. */
    private static final String PATIENT =
            "cheshire.transport { heartbeat-interval = 5 ms, suspect-after = 10 m, peer-timeout = 20 m }";

    private static ExpertNode addNode(
            final NodeCluster cluster, final NodeEndpoint endpoint, final @Nullable LifelineServer lifelines) {
        final ExpertNode node =
                cluster.addNode(endpoint, cluster.kernels, cluster.identity(), cluster.transport(), lifelines);
        cluster.loadAll(node);
        return node;
    }

    @Test
    void shouldSuspectTheNodeAtOnceAndTakeItBackWhenItAnswersAfterAll() {
        final NodeEndpoint starting = StartingIdentity.node(0, Channels.IPC);
        final LifelineServer lifelines = LifelineServer.open(starting, 0, 2);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, PATIENT)) {
            final ExpertNode node = addNode(cluster, lifelines.endpoint(), lifelines);
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            cluster.await("the lifeline is held", () -> lifelines.heldCount() == 1);
            assertThat(router.suspected).isEmpty();

            lifelines.close();

            cluster.await("the node is suspect", () -> !router.suspected.isEmpty());
            assertThat(router.suspected).containsExactly("has let go of its lifeline, as a process does that ends");
            cluster.await("it answers a heartbeat sent since", () -> router.recoveries == 1);
            router.send(0, new ExpertKey(0, 0), 3, new SplittableRandom(1));
            cluster.await("the result", () -> router.open.isEmpty());
            assertThat(router.lost).isEmpty();
            assertThat(router.defects).isEmpty();
        }
    }

    @Test
    void shouldGoByHeartbeatsWhenTheNetworkCutsLifelinesAgainAndAgain() throws IOException {
        final AtomicInteger cuts = new AtomicInteger();
        final NodeEndpoint starting = StartingIdentity.node(0, Channels.IPC);
        try (ServerSocket network = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                NodeCluster cluster = new NodeCluster(64, Precision.BF16, PATIENT)) {
            final Thread cutter = Thread.ofVirtual().start(() -> cutAll(network, starting.incarnation(), cuts));
            final ExpertNode node =
                    addNode(cluster, starting.withLifeline("127.0.0.1:" + network.getLocalPort()), null);
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());

            cluster.await("the node was taken back three times", () -> router.recoveries == 3);
            for (int i = 0; i < 100; i++) {
                router.send(0, new ExpertKey(0, 0), 3, new SplittableRandom(i));
                cluster.await("the result", () -> router.open.isEmpty());
            }

            assertThat(router.suspected).hasSize(3);
            assertThat(cuts).hasValue(3);
            assertThat(router.defects).isEmpty();
            assertThat(cutter.isAlive()).isTrue();
        }
    }

    private static void cutAll(final ServerSocket network, final long incarnation, final AtomicInteger cuts) {
        while (!network.isClosed()) {
            try (Socket lifeline = network.accept()) {
                new DataOutputStream(lifeline.getOutputStream()).writeLong(incarnation);
                cuts.incrementAndGet();
            } catch (final IOException closed) {
                return;
            }
        }
    }

    @Test
    void shouldHoldNoLifelineWhenTheyAreTurnedOff() {
        final NodeEndpoint starting = StartingIdentity.node(0, Channels.IPC);
        try (LifelineServer lifelines = LifelineServer.open(starting, 0, 2);
                NodeCluster cluster =
                        new NodeCluster(64, Precision.BF16, PATIENT + "\ncheshire.transport.lifelines = off")) {
            final ExpertNode node = addNode(cluster, lifelines.endpoint(), lifelines);
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            cluster.await("the node is ready", () -> router.ready.containsKey(0));
            router.send(0, new ExpertKey(0, 0), 3, new SplittableRandom(1));
            cluster.await("the result", () -> router.open.isEmpty());

            assertThat(lifelines.heldCount()).isZero();
        }
    }
}
