package io.cheshire.chaos.sim.node;

import io.cheshire.chaos.sim.net.DataPlane;
import io.cheshire.chaos.sim.net.FrameOut;
import io.cheshire.chaos.sim.net.Port;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.core.HandshakeJudge;
import io.cheshire.transport.core.HelloLedger;
import io.cheshire.transport.core.LinkGuard;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.FrameGate;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.FrameVerdict;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.LinkOptions;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.RouterLink;
import io.cheshire.transport.runtime.RouterLinks;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.sbe.DispatchDecoder;
import io.cheshire.transport.sbe.GoodbyeDecoder;
import io.cheshire.transport.sbe.HeartbeatDecoder;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A node's end of the data plane: the shell that {@code AeronRouterLinks} is in production, over a simulated network. All
 * decisions are the transport's own: gate, codecs, judge and ledger of handshakes, credits, observed clock, reassembly.
 */
public final class NodeTransport implements RouterLinks {
    private final SimProcess owner;
    private final DataPlane plane;
    private final NodeEndpoint self;
    private final ModelIdentity model;
    private final TransportConfig config;
    private final int mtuBytes;
    private final SplittableRandom random;
    private final BooleanSupplier keepsCredit;
    private final Port port;
    private final FrameGate gate;
    private final FrameAssembler assembler;
    private final HandshakeJudge judge;
    private final HelloLedger ledger = new HelloLedger();
    private final HandshakeCodec handshakes;
    private final FrameWriter writer = new FrameWriter();
    private final ObservedClock clock;
    private final UnsafeBuffer handshakeBuffer = new UnsafeBuffer(new byte[HandshakeCodec.MAX_BYTES]);
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final DispatchDecoder dispatch = new DispatchDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();
    private final List<NodeSideLink> links = new ArrayList<>();
    private @Nullable Listener listener;
    private boolean dead;

    /**
     * @param random      draws link ids
     * @param keepsCredit whether a planted bug keeps the credit of the rows at hand
     */
    public NodeTransport(
            final SimProcess owner,
            final DataPlane plane,
            final NodeEndpoint self,
            final ModelIdentity model,
            final TransportConfig config,
            final int mtuBytes,
            final SplittableRandom random,
            final BooleanSupplier keepsCredit) {
        this.owner = owner;
        this.plane = plane;
        this.self = self;
        this.model = model;
        this.config = config;
        this.mtuBytes = mtuBytes;
        this.random = random;
        this.keepsCredit = keepsCredit;
        gate = new FrameGate(new FrameLimits(model, config.windowRows(), FrameLimits.MAX_FRAME_BYTES, true), Side.NODE);
        assembler = new FrameAssembler(FrameLimits.MAX_FRAME_BYTES);
        if (mtuBytes < HandshakeCodec.MAX_BYTES) {
            assembler.expectAll(); // production takes no packets so short that a handshake is several
        }
        judge = new HandshakeJudge(self, model);
        handshakes = new HandshakeCodec(new FrameSeal(true), config.secret());
        clock = new ObservedClock(config.heartbeatIntervalNs());
        port = plane.listen(owner, self.streamId(), assembler::forget);
    }

    /** The process was killed: nothing is said to anybody any more. */
    void die() {
        dead = true;
    }

    @Override
    public int doWork(final long nowNs, final Listener newListener) {
        listener = newListener;
        final long observedNs = clock.advance(nowNs);
        final int work = port.poll(config.pollLimit(), this::onFragment);
        for (final NodeSideLink link : List.copyOf(links)) {
            if (!link.ended) {
                tend(link, observedNs);
            }
        }
        return work;
    }

    private void onFragment(
            final int sessionId, final byte flags, final DirectBuffer buffer, final int offset, final int length) {
        assembler.onFragment(sessionId, flags, buffer, offset, length, this::onFrame);
    }

    private void onFrame(final int sessionId, final DirectBuffer buffer, final int offset, final int length) {
        if (gate.check(buffer, offset, length) != FrameVerdict.VALID) {
            onReject(buffer, offset, length);
            return;
        }
        final int template = FrameLayout.templateId(buffer, offset);
        if (template == HelloDecoder.TEMPLATE_ID) {
            onHello(sessionId, buffer, offset, length);
            return;
        }
        final NodeSideLink link = linkById(FrameLayout.linkId(buffer, offset));
        if (link == null || link.imageSessionId != sessionId || FrameLayout.nodeId(buffer, offset) != self.nodeId()) {
            return;
        }
        if (link.guard.check(buffer, offset, length) == LinkGuard.Verdict.GENUINE) {
            onGenuine(template, link, buffer, offset);
        }
    }

    private void onGenuine(final int template, final NodeSideLink link, final DirectBuffer buffer, final int offset) {
        announce(link);
        link.lastHeardNs = clock.nowNs();
        switch (template) {
            case DispatchDecoder.TEMPLATE_ID -> {
                dispatch.wrapAndApplyHeader(buffer, offset, header);
                requireListener().onDispatch(link, dispatch, buffer, offset + FrameLayout.ROWS_OFFSET);
                link.credit().onDispatchedRows(dispatch.dispatchedRows());
            }
            case HeartbeatDecoder.TEMPLATE_ID -> {
                heartbeat.wrapAndApplyHeader(buffer, offset, header);
                link.credit().onDispatchedRows(heartbeat.dispatchedRows());
                link.heardBeat = Math.max(link.heardBeat, heartbeat.beat());
            }
            case GoodbyeDecoder.TEMPLATE_ID -> end(link, "it said goodbye");
            default -> throw new IllegalStateException("the gate let template " + template + " pass");
        }
    }

    private void onReject(final DirectBuffer buffer, final int offset, final int length) {
        if (length < FrameLayout.ROWS_OFFSET || FrameLayout.templateId(buffer, offset) != DispatchDecoder.TEMPLATE_ID) {
            return;
        }
        final NodeSideLink link = linkById(FrameLayout.linkId(buffer, offset));
        if (link != null && !link.guard.isKeyed()) {
            dispatch.wrap(
                    buffer,
                    offset + FrameLayout.HEADER_BYTES,
                    DispatchDecoder.BLOCK_LENGTH,
                    DispatchDecoder.SCHEMA_VERSION);
            link.sendNack(dispatch.shardId(), dispatch.attempt(), NackReason.BAD_FRAME);
        }
    }

    private void onHello(final int sessionId, final DirectBuffer buffer, final int offset, final int length) {
        final Hello hello = handshakes.decodeHello(buffer, offset);
        if (!handshakes.isHelloSigned(buffer, offset, length)) {
            return;
        }
        final NodeSideLink previous = linkOf(hello.routerId());
        final HelloStatus status = judge.judge(hello, true, previous != null || links.size() < config.maxRouters());
        if (status != HelloStatus.ACCEPTED) {
            refuse(hello, status);
            return;
        }
        switch (ledger.standingOf(hello)) {
            case STALE -> owner.wake(config.heartbeatIntervalNs());
            case REPEATED -> {
                if (previous != null && previous.answered) {
                    sendAnswer(previous.out, previous.hello, HelloStatus.ACCEPTED, previous);
                }
            }
            case NEW -> {
                if (previous != null) {
                    end(previous, "the router connected anew");
                }
                accept(hello, sessionId);
            }
        }
    }

    private void accept(final Hello hello, final int sessionId) {
        ledger.accept(hello);
        final ClusterSecret secret = config.secret();
        assembler.expect(sessionId);
        final long linkId = random.nextLong() | 1;
        final NodeSideLink link = new NodeSideLink(
                self.nodeId(),
                linkId,
                hello,
                sessionId,
                openReply(hello),
                model,
                config.windowRows(),
                writer,
                config.frameMac() && secret != null ? secret.keys(hello, linkId) : null,
                keepsCredit);
        link.openedNs = clock.nowNs();
        link.lastHeardNs = clock.nowNs();
        links.add(link);
    }

    private FrameOut openReply(final Hello hello) {
        return new FrameOut(
                plane.open(owner, hello.replyStreamId()),
                new FrameSeal(true),
                FrameLayout.ROWS_OFFSET + model.resultRowBytes(),
                mtuBytes,
                config.maxFrameBytes());
    }

    private void refuse(final Hello hello, final HelloStatus status) {
        final FrameOut out = openReply(hello);
        owner.later(config.connectTimeoutNs() / 4, () -> {
            sendAnswer(out, hello, status, null);
            out.close();
        });
    }

    private @Nullable NodeSideLink linkById(final long linkId) {
        for (final NodeSideLink link : links) {
            if (link.linkId == linkId) {
                return link;
            }
        }
        return null;
    }

    private @Nullable NodeSideLink linkOf(final int routerId) {
        for (final NodeSideLink link : links) {
            if (link.routerId() == routerId) {
                return link;
            }
        }
        return null;
    }

    private void tend(final NodeSideLink link, final long observedNs) {
        if (!link.answered) {
            if (link.out.isConnected()) {
                link.answered = true;
                link.nextHeartbeatNs = observedNs + config.heartbeatIntervalNs();
                sendAnswer(link.out, link.hello, HelloStatus.ACCEPTED, link);
            } else if (observedNs - link.openedNs > config.connectTimeoutNs()) {
                end(link, "its reply channel has no listener");
            }
            return;
        }
        if (link.nackOverrun) {
            end(link, "it takes no answers");
            return;
        }
        link.flushNacks();
        if (observedNs - link.nextHeartbeatNs < 0) {
            return;
        }
        link.nextHeartbeatNs = observedNs + config.heartbeatIntervalNs();
        if (!port.hasImage(link.imageSessionId) || !link.out.isConnected()) {
            end(link, "its channel is gone");
        } else if (observedNs - link.lastHeardNs > config.peerTimeoutNs()) {
            end(link, "nothing heard of it");
        } else {
            if (link.announced) {
                link.sendHeartbeat();
            }
            link.sendCreditIfGrown();
        }
    }

    private void sendAnswer(
            final FrameOut out, final Hello hello, final HelloStatus status, final @Nullable NodeSideLink link) {
        final HelloAnswer answer = new HelloAnswer(
                HelloDecoder.SCHEMA_VERSION,
                status,
                link == null ? 0 : link.linkId,
                self.nodeId(),
                self.incarnation(),
                hello.routerId(),
                hello.routerIncarnation(),
                hello.sequence(),
                model.fingerprint(),
                config.windowRows(),
                link == null ? 0 : link.credit().limit(),
                link == null ? LinkOptions.NONE : new LinkOptions(config.frameMac(), true, true));
        final int length = handshakes.encode(answer, handshakeBuffer, 0);
        out.sendSealed(Arrays.copyOf(handshakeBuffer.byteArray(), length));
    }

    private void announce(final NodeSideLink link) {
        if (!link.announced) {
            link.announced = true;
            requireListener().onLinkUp(link);
        }
    }

    private void end(final NodeSideLink link, final String reason) {
        link.sendGoodbye();
        link.ended = true;
        links.remove(link);
        assembler.forget(link.imageSessionId);
        link.out.close();
        if (link.announced) {
            requireListener().onLinkDown(link, reason);
        }
    }

    @Override
    public void endStalled(final RouterLink link) {
        final NodeSideLink own = linkById(link.linkId());
        if (own != null) {
            end(own, "it takes no results");
        }
    }

    /** Rows held for routers: what should be none once everybody was answered. */
    public int heldRows() {
        return links.stream().mapToInt(link -> link.credit().heldRows()).sum();
    }

    /** Frames rejected by the gate. */
    public long rejected() {
        return gate.rejectCount();
    }

    private Listener requireListener() {
        if (listener == null) {
            throw new IllegalStateException("frames come in doWork only, which has a listener");
        }
        return listener;
    }

    @Override
    public void close() {
        for (final NodeSideLink link : links) {
            if (!dead) {
                link.flushNacks();
                link.sendGoodbye();
                link.out.close();
            }
            link.ended = true;
        }
        links.clear();
    }
}
