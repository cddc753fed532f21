package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.AeronExpertTransport;
import io.cheshire.transport.runtime.Channels;
import io.cheshire.transport.runtime.NodeIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.runtime.TransportCounter;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Who may talk to whom, and what is said to those who may not. */
class HandshakeTest {
    private static TransportConfig with(final NodeCluster cluster, final String overrides) {
        return TransportConfig.of(ConfigFactory.parseString(overrides)
                .withFallback(cluster.config)
                .resolve());
    }

    @Test
    void shouldRefuseARouterOfAnotherModelOnBothSides() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            final ModelIdentity other = new ModelIdentity(
                    new Fingerprint(9, 9, 9, 9), NodeCluster.LAYERS, NodeCluster.EXPERTS, 64, Dtype.BF16);
            final TestRouter router = cluster.addRouter(0, Channels.IPC, other, cluster.transport(), null);
            router.transport.connect(node.endpoint());
            cluster.await("the refusal", () -> !router.lost.isEmpty());
            assertThat(router.lost.getFirst()).contains("000000000000", "--model");
            assertThat(router.transport.creditRows(4)).isZero();
            assertThat(cluster.nodeLinks.getFirst().counters().get(TransportCounter.HANDSHAKES_REFUSED))
                    .isOne();
            assertThat(((AeronExpertTransport) router.transport).counters().get(TransportCounter.HANDSHAKES_REFUSED))
                    .isOne();
        }
    }

    @Test
    void shouldRefuseARouterWithoutTheSecretAndServeOneWithIt() {
        try (NodeCluster cluster =
                new NodeCluster(64, Precision.BF16, "cheshire.transport.secret = \"down the rabbit hole\"")) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            for (final String secret : new String[] {"", "through the looking glass"}) {
                final TestRouter stranger = cluster.addRouter(
                        7,
                        Channels.IPC,
                        cluster.identity(),
                        with(cluster, "cheshire.transport.secret = \"" + secret + "\""),
                        null);
                stranger.transport.connect(node.endpoint());
                cluster.await("the refusal", () -> !stranger.lost.isEmpty());
                assertThat(stranger.lost.getFirst()).contains("cheshire.transport.secret");
            }
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(node.endpoint());
            cluster.await("the node is ready", () -> router.ready.containsKey(4));
        }
    }

    @Test
    void shouldRefuseANodeThatCannotProveTheSecret() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            final TestRouter router = cluster.addRouter(
                    0,
                    Channels.IPC,
                    cluster.identity(),
                    with(cluster, "cheshire.transport.secret = \"down the rabbit hole\""),
                    null);
            router.transport.connect(node.endpoint());
            cluster.await("the refusal", () -> !router.lost.isEmpty());
            assertThat(router.lost.getFirst()).contains("isn't signed");
        }
    }

    @Test
    void shouldRefuseARouterThatExpectsAnotherIncarnation() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final NodeEndpoint real = cluster.addNode(4, Channels.IPC).endpoint();
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(new NodeEndpoint(4, real.incarnation() + 1, real.channel(), real.streamId()));
            cluster.await("the refusal", () -> !router.lost.isEmpty());
            assertThat(router.lost.getFirst()).contains("restarted");
            router.transport.connect(real);
            cluster.await("the node is ready", () -> router.ready.containsKey(4));
        }
    }

    @Test
    void shouldRefuseMoreRoutersThanConfigured() {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "cheshire.transport.max-routers = 1")) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            final TestRouter first = cluster.addRouter(0, null);
            first.transport.connect(node.endpoint());
            cluster.await("the first is served", () -> first.ready.containsKey(4));
            final TestRouter second = cluster.addRouter(1, null);
            second.transport.connect(node.endpoint());
            cluster.await("the refusal", () -> !second.lost.isEmpty());
            assertThat(second.lost.getFirst()).contains("max-routers");
        }
    }

    @Test
    void shouldNeedANewHandshakeWhenANodeReturnsWithAnotherIncarnation() {
        final SplittableRandom random = new SplittableRandom(5);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode before = cluster.addNode(4, Channels.IPC);
            cluster.loadAll(before);
            final TestRouter router = cluster.addRouter(0, null);
            router.transport.connect(before.endpoint());
            cluster.await("the node is ready", () -> router.ready.containsKey(4));
            cluster.removeNode(before);
            cluster.await("the goodbye", () -> !router.lost.isEmpty());
            assertThat(router.lost.getFirst()).contains("goodbye");

            final ExpertNode after = cluster.addNode(
                    NodeIdentity.starting(4, Channels.IPC), cluster.kernels, cluster.identity(), cluster.transport());
            cluster.loadAll(after);
            router.transport.connect(after.endpoint());
            router.send(4, new ExpertKey(1, 1), 5, random);
            cluster.await("the result", () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
            assertThat(router.ready).containsEntry(4, after.endpoint().incarnation());
        }
    }

    @Test
    void shouldServeARouterThatRestarts() {
        final SplittableRandom random = new SplittableRandom(5);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            cluster.loadAll(node);
            for (int start = 0; start < 3; start++) {
                final TestRouter router = cluster.addRouter(0, null);
                router.transport.connect(node.endpoint());
                router.send(4, new ExpertKey(0, 1), 5, random);
                cluster.await("the result", () -> router.open.isEmpty());
            }
            assertThat(cluster.nodeLinks.getFirst().counters().get(TransportCounter.HANDSHAKES_ACCEPTED))
                    .isEqualTo(3);
        }
    }
}
