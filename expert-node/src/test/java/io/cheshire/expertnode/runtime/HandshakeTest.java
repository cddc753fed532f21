package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.RouterHandshake;
import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.core.TransportCounters;
import io.cheshire.transport.core.link.RouterEnd;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may talk to whom, and what is said to those who may not. */
class HandshakeTest {
    private static TransportConfig with(final NodeCluster cluster, final String overrides) {
        return SettingReader.read(
                ConfigFactory.parseString(overrides)
                        .withFallback(cluster.config)
                        .resolve(),
                TransportConfig::from);
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
            assertThat(((RouterEnd) router.transport).counters().get(TransportCounter.HANDSHAKES_REFUSED))
                    .isOne();
        }
    }

    @Test
    void shouldRefuseARouterWithoutTheSecretAndServeOneWithIt() {
        try (NodeCluster cluster = new NodeCluster(
                64,
                Precision.BF16,
                "cheshire.transport { secret = \"down the rabbit hole\", connect-timeout = 300 ms }")) {
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
            final TransportCounters counters = cluster.nodeLinks.getFirst().counters();
            assertThat(counters.get(TransportCounter.HANDSHAKES_UNANSWERED)).isPositive();
            assertThat(counters.get(TransportCounter.HANDSHAKES_REFUSED)).isZero();
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

    @ParameterizedTest
    @CsvSource({
        "frame-mac = off, 'frame-mac is on and ours off'",
        "checksum.ipc = on, ",
    })
    void shouldNameBothSettingsWhenEndsGuardFramesOtherwise(final String setting, final String said) {
        try (NodeCluster cluster =
                new NodeCluster(64, Precision.BF16, "cheshire.transport.secret = \"down the rabbit hole\"")) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            final TestRouter router = cluster.addRouter(
                    0, Channels.IPC, cluster.identity(), with(cluster, "cheshire.transport." + setting), null);
            router.transport.connect(node.endpoint());
            if (said == null) {
                cluster.await("the node is ready: with MACs nothing has a checksum", () -> router.ready.size() == 1);
                return;
            }
            cluster.await("the refusal", () -> !router.lost.isEmpty());
            assertThat(router.lost.getFirst()).contains(said, "on both ends");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNameTheChecksumSettingWhenItDiffers(final boolean ofRouter) {
        try (NodeCluster cluster =
                new NodeCluster(64, Precision.BF16, "cheshire.transport.checksum.ipc = " + !ofRouter)) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            final TestRouter router = cluster.addRouter(
                    0,
                    Channels.IPC,
                    cluster.identity(),
                    with(cluster, "cheshire.transport.checksum.ipc = " + ofRouter),
                    null);
            router.transport.connect(node.endpoint());
            cluster.await("the refusal", () -> !router.lost.isEmpty());
            assertThat(router.lost.getFirst()).contains("cheshire.transport.checksum", "on both ends");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.9", "no-such-host.invalid", "127.0.0.2"})
    void shouldAnswerTheSendersAddressOnlyWhenThereIsNoSecret(final String host) {
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final int port = ExpertNodeTest.freePort();
            final int free = ExpertNodeTest.freePort();
            final String listening = Channels.udp("127.0.0.1", port);
            final ExpertNode node = cluster.addNode(4, Channels.udp("127.0.0.1", free));
            final Subscription replies = cluster.dataPlane.aeron().addSubscription(listening, 77);
            final ExclusivePublication hellos = cluster.dataPlane
                    .aeron()
                    .addExclusivePublication(
                            node.endpoint().channel(), node.endpoint().streamId());
            cluster.await("the node listens", hellos::isConnected);
            final RouterHandshake handshake = new RouterHandshake(
                    new HandshakeCodec(new FrameSeal(true), null),
                    0,
                    11,
                    cluster.identity(),
                    Channels.udp(host, port),
                    77);
            final UnsafeBuffer hello = new UnsafeBuffer(new byte[HandshakeCodec.MAX_BYTES]);
            final int length = handshake.encodeHello(node.endpoint(), 1, hello);
            hellos.offer(hello, 0, length);

            final TransportCounters counters = cluster.nodeLinks.getFirst().counters();
            if (host.endsWith(".invalid")) {
                // Nobody looks it up: the answer goes to where the Hello came from.
                cluster.await("the answer", () -> replies.poll((b, o, l, h) -> {}, 1) > 0);
                assertThat(counters.get(TransportCounter.HANDSHAKES_ACCEPTED)).isOne();
            } else {
                cluster.await("it is dropped", () -> counters.get(TransportCounter.HANDSHAKES_UNANSWERED) == 1);
                assertThat(counters.get(TransportCounter.HANDSHAKES_ACCEPTED)).isZero();
            }
            replies.close();
            hellos.close();
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
                    StartingIdentity.node(4, Channels.IPC), cluster.kernels, cluster.identity(), cluster.transport());
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
