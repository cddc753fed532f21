package io.cheshire.chaos.sim.fault;

import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.SimHosts;
import io.cheshire.chaos.sim.net.SimDataPlane;
import io.cheshire.chaos.sim.node.SimNode;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.sbe.HelloDecoder;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Hellos to nodes by those who aren't of the cluster: of another model, release, secret or node; from elsewhere; one
 * too many.
 */
final class Strangers {
    private static final int FIRST_ROUTER = 100;
    private static final int STRANGE_HOST = 200;

    private final Strikes strikes;
    private final SimContext context;
    private final SimHosts hosts;
    private final @Nullable ClusterSecret secret;
    private int said;

    Strangers(final Strikes strikes, final SimContext context, final SimHosts hosts) {
        this.strikes = strikes;
        this.context = context;
        this.hosts = hosts;
        this.secret = SettingReader.read(context.parameters().config, TransportConfig::from)
                .links()
                .secret();
    }

    /** What is wrong with one. */
    private enum Stranger {
        OTHER_MODEL,
        OTHER_RELEASE,
        OTHER_NODE,
        OTHER_SECRET,
        OTHER_TRANSPORT,
        FROM_ELSEWHERE,
        ONE_TOO_MANY
    }

    /** One says Hello to one node; false if the node is down. */
    boolean sayHello() {
        final SimNode node = strikes.one(hosts.nodes());
        if (!node.isUp()) {
            return false;
        }
        said++;
        final Stranger stranger = Stranger.values()[strikes.random.nextInt(Stranger.values().length)];
        final NodeEndpoint endpoint = node.endpoint();
        final String source = SimDataPlane.addressOf(STRANGE_HOST);
        final HandshakeCodec codec = new HandshakeCodec(
                new FrameSeal(true),
                stranger == Stranger.OTHER_SECRET ? new ClusterSecret("a secret of somebody else") : secret);
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[HandshakeCodec.MAX_BYTES]);
        final byte[] frame = new byte[codec.encode(hello(stranger, endpoint), buffer, 0)];
        buffer.getBytes(0, frame);
        return context.plane().arriveFromOutside(endpoint.streamId(), source, frame);
    }

    private Hello hello(final Stranger stranger, final NodeEndpoint node) {
        final ModelIdentity model = context.identity();
        final String own = context.parameters().overUdp
                ? "aeron:udp?endpoint=" + SimDataPlane.addressOf(STRANGE_HOST)
                : Channels.IPC;
        return new Hello(
                stranger == Stranger.OTHER_RELEASE ? HelloDecoder.SCHEMA_VERSION + 1 : HelloDecoder.SCHEMA_VERSION,
                FIRST_ROUTER + said,
                strikes.random.nextLong(),
                node.nodeId(),
                stranger == Stranger.OTHER_NODE ? node.incarnation() + 1 : node.incarnation(),
                1,
                stranger == Stranger.OTHER_MODEL ? new Fingerprint(4, 3, 2, 1) : model.fingerprint(),
                model.hiddenSize(),
                HandshakeCodec.dtypeCode(model.rowDtype()),
                switch (stranger) {
                    case OTHER_TRANSPORT -> own + "|term-length=1g";
                    case FROM_ELSEWHERE -> Channels.udp("10.9.9.9", 1);
                    case OTHER_MODEL, OTHER_RELEASE, OTHER_NODE, OTHER_SECRET, ONE_TOO_MANY -> own;
                },
                strikes.random.nextInt(1, Integer.MAX_VALUE));
    }
}
