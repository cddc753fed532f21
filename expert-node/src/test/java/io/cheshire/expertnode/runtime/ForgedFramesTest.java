package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.transport.core.FrameHook.Direction;
import io.cheshire.transport.core.LinkFaults;
import io.cheshire.transport.core.SeededFaults;
import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.core.TransportCounters;
import io.cheshire.transport.core.link.RouterEnd;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.RouterIdentity;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.sbe.DispatchDecoder;
import io.cheshire.transport.sbe.HeartbeatDecoder;
import io.cheshire.transport.sbe.ResultDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Somebody on the same channels hears every frame and says what he likes: with a secret none of it counts. */
class ForgedFramesTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261129L);
    private static final String SECRET = "cheshire.transport.secret = \"down the rabbit hole\"";

    /** Hears a stream and speaks on it. */
    private static final class Forger implements AutoCloseable {
        private final Subscription heard;
        private final ExclusivePublication said;
        private final List<byte[]> frames = new ArrayList<>();

        Forger(final NodeCluster cluster, final String channel, final int streamId) {
            heard = cluster.dataPlane.aeron().addSubscription(channel, streamId);
            said = cluster.dataPlane.aeron().addExclusivePublication(channel, streamId);
            cluster.await("the forger is heard", said::isConnected);
        }

        void listen() {
            heard.poll(
                    (buffer, offset, length, header) -> {
                        final byte[] frame = new byte[length];
                        buffer.getBytes(offset, frame);
                        frames.add(frame);
                    },
                    64);
        }

        UnsafeBuffer last(final int template) {
            for (int i = frames.size() - 1; i >= 0; i--) {
                final UnsafeBuffer frame = new UnsafeBuffer(frames.get(i));
                if (FrameLayout.templateId(frame, 0) == template) {
                    return frame;
                }
            }
            throw new AssertionError("no frame of template " + template + " was heard");
        }

        void say(final NodeCluster cluster, final UnsafeBuffer frame) {
            cluster.await("the forger's frame is in the channel", () -> said.offer(frame, 0, frame.capacity()) > 0);
        }

        @Override
        public void close() {
            heard.close();
            said.close();
        }
    }

    /** As an end without a key would send it. */
    private static UnsafeBuffer resealed(final UnsafeBuffer frame) {
        frame.setMemory(FrameLayout.COMMON_BYTES, Long.BYTES + 16, (byte) 0); // number and MAC
        new FrameSeal(false).apply(frame, 0, frame.capacity());
        return frame;
    }

    @Test
    void shouldRefuseAndCountAForgedAndAReplayedResult() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, SECRET)) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            cluster.loadAll(node);
            final RouterIdentity identity = StartingIdentity.router(0, Channels.IPC);
            final TestRouter router = cluster.addRouter(identity, cluster.identity(), cluster.transport());
            final TransportCounters counters = ((RouterEnd) router.transport).counters();
            try (Forger forger = new Forger(cluster, Channels.IPC, identity.replyStreamId())) {
                router.transport.connect(node.endpoint());
                router.send(4, new ExpertKey(0, 1), 3, random);
                cluster.await("the result", () -> {
                    forger.listen();
                    return router.open.isEmpty();
                });
                forger.listen();
                final long rows = router.rowsAnswered;

                forger.say(cluster, forger.last(ResultDecoder.TEMPLATE_ID));
                cluster.await("the replay is counted", () -> counters.get(TransportCounter.FRAMES_REPLAYED) == 1);

                final UnsafeBuffer changed = forger.last(ResultDecoder.TEMPLATE_ID);
                changed.putByte(FrameLayout.ROWS_OFFSET, (byte) (changed.getByte(FrameLayout.ROWS_OFFSET) ^ 1));
                forger.say(cluster, changed);
                forger.say(cluster, resealed(forger.last(ResultDecoder.TEMPLATE_ID)));
                final UnsafeBuffer damaged = forger.last(ResultDecoder.TEMPLATE_ID);
                damaged.putByte(FrameLayout.COMMON_BYTES + 60, (byte) 0x7F); // fails the gate: asks for nothing
                forger.say(cluster, damaged);
                cluster.await("two forgeries are counted", () -> counters.get(TransportCounter.FRAMES_FORGED) >= 2);

                assertThat(router.rowsAnswered).isEqualTo(rows);
                assertThat(router.ignored).as("results that reached the router").isZero();
                assertThat(router.nacks).isEmpty();
                router.send(4, new ExpertKey(0, 1), 3, random);
                cluster.await("the link goes on", () -> router.open.isEmpty());
                assertThat(router.defects).isEmpty();
            }
        }
    }

    @Test
    void shouldRefuseAndCountForgedAndReplayedFramesToANode() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, SECRET)) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            cluster.loadAll(node);
            final NodeEndpoint endpoint = node.endpoint();
            final TestRouter router = cluster.addRouter(0, null);
            final TransportCounters counters = cluster.nodeLinks.getFirst().counters();
            try (Forger forger = new Forger(cluster, endpoint.channel(), endpoint.streamId())) {
                router.transport.connect(endpoint);
                router.send(4, new ExpertKey(0, 1), 3, random);
                cluster.await("the result", () -> {
                    forger.listen();
                    return router.open.isEmpty();
                });
                forger.listen();
                // The node knows a link's frames by their sender, too, whom over UDP anybody can pretend to be; here
                // they are stale.
                forger.say(cluster, forger.last(DispatchDecoder.TEMPLATE_ID));
                forger.say(cluster, resealed(forger.last(HeartbeatDecoder.TEMPLATE_ID)));
                cluster.await("both are dropped", () -> counters.get(TransportCounter.STALE_FRAMES) == 2);
                assertThat(node.loads().getFirst().rowsServed()).isEqualTo(3);
            }
        }
    }

    @Test
    void shouldAnswerRightWhenEveryKindOfFrameIsDoubledDamagedAndReordered() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(512, Precision.BF16, SECRET)) {
            final ExpertNode node = cluster.addNode(4, Channels.udp("localhost", ExpertNodeTest.freePort()));
            cluster.loadAll(node);
            final SeededFaults faults = new SeededFaults(SEED);
            final TestRouter router = cluster.addRouter(
                    0,
                    Channels.udp("localhost", ExpertNodeTest.freePort()),
                    cluster.identity(),
                    cluster.transport(),
                    faults);
            router.resendAfterNs = 100_000_000;
            router.transport.connect(node.endpoint());
            cluster.await("the node is ready", () -> router.ready.size() == 1);
            for (final Direction way : Direction.values()) {
                faults.set(4, way, new LinkFaults(0, 0.4, 0.2, 0.2, 0, 0, false));
            }
            for (int i = 0; i < 40; i++) {
                router.send(4, new ExpertKey(i % 2, i % 4), random.nextInt(1, 20), random);
            }
            cluster.await("all results of seed " + SEED, () -> router.open.isEmpty());
            assertThat(router.defects).isEmpty();
            for (final TransportCounters counters :
                    List.of(cluster.nodeLinks.getFirst().counters(), ((RouterEnd) router.transport).counters())) {
                assertThat(counters.get(TransportCounter.FRAMES_REPLAYED)).isPositive();
                assertThat(counters.get(TransportCounter.FRAMES_FORGED)).isPositive();
            }
        }
    }

    @Test
    void shouldTakeAForgedResultForAnAnswerWhenThereIsNoSecret() {
        final SplittableRandom random = new SplittableRandom(SEED);
        try (NodeCluster cluster = new NodeCluster(64, Precision.BF16, "")) {
            final ExpertNode node = cluster.addNode(4, Channels.IPC);
            cluster.loadAll(node);
            final RouterIdentity identity = StartingIdentity.router(0, Channels.IPC);
            final TestRouter router = cluster.addRouter(identity, cluster.identity(), cluster.transport());
            try (Forger forger = new Forger(cluster, Channels.IPC, identity.replyStreamId())) {
                router.transport.connect(node.endpoint());
                router.send(4, new ExpertKey(0, 1), 3, random);
                cluster.await("the result", () -> {
                    forger.listen();
                    return router.open.isEmpty();
                });
                forger.listen();
                forger.say(cluster, forger.last(ResultDecoder.TEMPLATE_ID));
                cluster.await("it reaches the router, which is why there are secrets", () -> router.ignored == 1);
            }
        }
    }
}
