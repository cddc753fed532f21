package io.cheshire.chaos.sim.router;

import io.cheshire.chaos.sim.net.DataPlane;
import io.cheshire.chaos.sim.net.FrameOut;
import io.cheshire.chaos.sim.net.Port;
import io.cheshire.chaos.sim.router.RouterSideLink.State;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.core.LinkGuard;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.core.RouterHandshake;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.FrameGate;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.FrameVerdict;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.LinkKeys;
import io.cheshire.transport.protocol.LinkOptions;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import io.cheshire.transport.runtime.ExpertTransport;
import io.cheshire.transport.runtime.NodeFrames;
import io.cheshire.transport.runtime.RouterIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.sbe.CreditDecoder;
import io.cheshire.transport.sbe.GoodbyeDecoder;
import io.cheshire.transport.sbe.HeartbeatDecoder;
import io.cheshire.transport.sbe.HelloAckDecoder;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.NackDecoder;
import io.cheshire.transport.sbe.ResultDecoder;
import io.cheshire.transport.sbe.Side;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The router's end of the data plane: the shell that {@code AeronExpertTransport} is in production, over a simulated
 * network. All decisions are the transport's own: gate, codecs, handshake, reading of answers, credits, observed clock, reassembly.
 */
public final class RouterTransport implements ExpertTransport {
    private final SimProcess owner;
    private final DataPlane plane;
    private final RouterIdentity identity;
    private final ModelIdentity model;
    private final TransportConfig config;
    private final int mtuBytes;
    private final Port port;
    private final FrameGate gate;
    private final FrameAssembler assembler;
    private final RouterHandshake handshake;
    private final FrameWriter writer = new FrameWriter();
    private final ObservedClock clock;
    private final UnsafeBuffer handshakeBuffer = new UnsafeBuffer(new byte[HandshakeCodec.MAX_BYTES]);
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ResultDecoder result = new ResultDecoder();
    private final NodeFrames answers;
    private final SortedMap<Integer, RouterSideLink> links = new TreeMap<>();
    private @Nullable Listener listener;
    private int currentSessionId;
    private long sequences;
    private boolean openGate;
    private boolean ignoreCredit;

    /** @param sequences where the numbers of Hellos start */
    public RouterTransport(
            final SimProcess owner,
            final DataPlane plane,
            final RouterIdentity identity,
            final ModelIdentity model,
            final TransportConfig config,
            final int mtuBytes,
            final long sequences) {
        this.owner = owner;
        this.plane = plane;
        this.identity = identity;
        this.model = model;
        this.config = config;
        this.mtuBytes = mtuBytes;
        this.sequences = sequences;
        gate = new FrameGate(new FrameLimits(model, Shard.MAX_ROWS, FrameLimits.MAX_FRAME_BYTES, true), Side.ROUTER);
        assembler = new FrameAssembler(FrameLimits.MAX_FRAME_BYTES);
        if (mtuBytes < HandshakeCodec.MAX_BYTES) {
            assembler.expectAll(); // production takes no packets so short that a handshake is several
        }
        handshake = new RouterHandshake(
                new HandshakeCodec(new FrameSeal(true), config.secret()),
                identity.routerId(),
                identity.incarnation(),
                model,
                identity.replyChannel(),
                identity.replyStreamId());
        answers = new NodeFrames(model, RouterTransport::copied);
        clock = new ObservedClock(config.heartbeatIntervalNs());
        port = plane.listen(owner, identity.replyStreamId(), assembler::forget);
    }

    /** Plants a bug: damaged frames pass. */
    public void openGate() {
        openGate = true;
    }

    /** Plants a bug: credit is whatever one wishes. */
    public void ignoreCredit() {
        ignoreCredit = true;
    }

    @Override
    public void connect(final NodeEndpoint endpoint) {
        final RouterSideLink existing = links.get(endpoint.nodeId());
        if (existing != null) {
            if (existing.endpoint.equals(endpoint)) {
                if (existing.state == State.ENDED) {
                    open(existing);
                }
                return;
            }
            disconnect(endpoint.nodeId());
        }
        final RouterSideLink link = new RouterSideLink(endpoint, identity.routerId(), model, config, writer);
        link.sequence = sequences++ << 20;
        links.put(endpoint.nodeId(), link);
        open(link);
    }

    private void open(final RouterSideLink link) {
        link.close();
        link.out = new FrameOut(
                plane.open(owner, link.endpoint.streamId()),
                new FrameSeal(true),
                FrameLayout.ROWS_OFFSET + model.rowBytes(),
                mtuBytes,
                config.maxFrameBytes());
        link.sequence++;
        link.nextHelloNs = clock.nowNs();
        link.enter(State.GREETING, clock.nowNs());
    }

    @Override
    public void disconnect(final int nodeId) {
        final RouterSideLink link = links.remove(nodeId);
        if (link != null) {
            link.sendGoodbye();
            assembler.forget(link.imageSessionId);
            link.close();
        }
    }

    @Override
    public int creditRows(final int nodeId) {
        final RouterSideLink link = links.get(nodeId);
        if (link == null || link.state != State.UP) {
            return 0;
        }
        return ignoreCredit ? Shard.MAX_ROWS : link.credit.available();
    }

    /** Rows of credit missing on links that are up: what the nodes owe. */
    public List<String> creditOwed() {
        final List<String> owed = new ArrayList<>();
        links.forEach((nodeId, link) -> {
            if (link.state == State.UP && link.credit.available() != link.windowRows) {
                owed.add("node " + nodeId + " grants " + link.credit.available() + " of " + link.windowRows + " rows");
            }
        });
        return owed;
    }

    @Override
    public SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        final RouterSideLink link = links.get(shard.nodeId);
        return link == null ? SendOutcome.NOT_CONNECTED : link.dispatch(shard, laneRows, ignoreCredit);
    }

    @Override
    public int doWork(final long nowNs, final Listener newListener) {
        listener = newListener;
        final long observedNs = clock.advance(nowNs);
        int work = port.poll(config.pollLimit(), this::onFragment);
        for (final RouterSideLink link : List.copyOf(links.values())) {
            work += tend(link, observedNs);
        }
        return work;
    }

    private void onFragment(
            final int sessionId, final byte flags, final DirectBuffer buffer, final int offset, final int length) {
        assembler.onFragment(sessionId, flags, buffer, offset, length, this::onFrame);
    }

    private void onFrame(final int sessionId, final DirectBuffer buffer, final int offset, final int length) {
        currentSessionId = sessionId;
        if (gate.check(buffer, offset, length) != FrameVerdict.VALID && !passes(buffer, offset, length)) {
            onReject(buffer, offset, length);
            return;
        }
        final RouterSideLink link = links.get(FrameLayout.nodeId(buffer, offset));
        final int template = FrameLayout.templateId(buffer, offset);
        if (template == HelloAckDecoder.TEMPLATE_ID) {
            onAnswer(link, buffer, offset, length);
            return;
        }
        if (link == null
                || link.state != State.UP
                || link.linkId != FrameLayout.linkId(buffer, offset)
                || link.guard.check(buffer, offset, length) != LinkGuard.Verdict.GENUINE) {
            return;
        }
        link.lastHeardNs = clock.nowNs();
        onLinkFrame(template, link, buffer, offset, length);
    }

    /** The planted bug: a Result that is damaged is read all the same, as far as that can be done without a crash. */
    private boolean passes(final DirectBuffer buffer, final int offset, final int length) {
        return openGate
                && length == FrameLayout.ROWS_OFFSET + model.resultRowBytes()
                && FrameLayout.templateId(buffer, offset) == ResultDecoder.TEMPLATE_ID
                && result.wrapAndApplyHeader(buffer, offset, header).rowCount() == 1;
    }

    private void onLinkFrame(
            final int template,
            final RouterSideLink link,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        final int nodeId = link.endpoint.nodeId();
        switch (template) {
            case ResultDecoder.TEMPLATE_ID -> answers.result(nodeId, link.credit, buffer, offset, requireListener());
            case NackDecoder.TEMPLATE_ID -> answers.nack(nodeId, link.credit, buffer, offset, requireListener());
            case CreditDecoder.TEMPLATE_ID -> answers.credit(link.credit, buffer, offset);
            case HeartbeatDecoder.TEMPLATE_ID -> {
                if (answers.heartbeat(link.credit, link.pulse, clock.nowNs(), buffer, offset)) {
                    holdLifeline(link);
                    requireListener().onNodeRecovered(nodeId);
                }
            }
            case GoodbyeDecoder.TEMPLATE_ID -> endLink(link, "it said goodbye", State.WAITING);
            default ->
                throw new IllegalStateException("the gate let template " + template + " pass, " + length + " bytes");
        }
    }

    private static MemorySegment copied(final DirectBuffer buffer, final int offset, final int bytes) {
        final byte[] rows = new byte[bytes];
        buffer.getBytes(offset, rows);
        return MemorySegment.ofArray(rows);
    }

    private void onReject(final DirectBuffer buffer, final int offset, final int length) {
        if (!NodeFrames.namesShard(buffer, offset, length)) {
            return;
        }
        final RouterSideLink link = links.get(FrameLayout.nodeId(buffer, offset));
        if (link != null
                && link.state == State.UP
                && !link.guard.isKeyed()
                && link.linkId == FrameLayout.linkId(buffer, offset)) {
            answers.rejected(link.endpoint.nodeId(), buffer, offset, requireListener());
        }
    }

    private void onAnswer(
            final @Nullable RouterSideLink link, final DirectBuffer buffer, final int offset, final int length) {
        if (link == null || link.state != State.GREETING) {
            return;
        }
        switch (handshake.judge(buffer, offset, length, link.endpoint, link.sequence, options())) {
            case RouterHandshake.Verdict.Accepted(final HelloAnswer answer) -> accept(link, answer);
            case RouterHandshake.Verdict.Refused(final HelloAnswer answer, final boolean signed) ->
                endLink(link, "it refused us: " + answer.status(), signed ? State.ENDED : State.WAITING);
            case RouterHandshake.Verdict.Differs(final HelloAnswer answer) ->
                endLink(link, "it guards frames by " + answer.options(), State.ENDED);
            case RouterHandshake.Verdict.Stale() -> {
                // Another answer may come.
            }
        }
    }

    private LinkOptions options() {
        return new LinkOptions(config.frameMac(), true, true);
    }

    private void authenticate(final RouterSideLink link, final HelloAnswer answer) {
        final ClusterSecret secret = config.secret();
        final FrameOut out = link.out;
        link.guard = new LinkGuard(null);
        if (config.frameMac() && secret != null && out != null) {
            final LinkKeys keys = secret.keys(answer);
            link.guard = new LinkGuard(keys.toRouter());
            out.authenticate(keys.toNode());
        }
    }

    private void accept(final RouterSideLink link, final HelloAnswer answer) {
        authenticate(link, answer);
        assembler.expect(currentSessionId);
        link.linkId = answer.linkId();
        link.windowRows = answer.windowRows();
        link.credit.reset(answer.creditLimit());
        link.imageSessionId = currentSessionId;
        link.lastHeardNs = clock.nowNs();
        link.nextHeartbeatNs = clock.nowNs();
        link.pulse.reset(clock.nowNs());
        link.reportedLost = false;
        link.lifelineCut = false;
        link.enter(State.UP, clock.nowNs());
        holdLifeline(link);
        requireListener().onNodeReady(link.endpoint.nodeId(), link.endpoint.incarnation());
    }

    private void holdLifeline(final RouterSideLink link) {
        if (config.lifelines()) {
            link.holdLifeline(plane.lifelines());
        }
    }

    private int tend(final RouterSideLink link, final long observedNs) {
        return switch (link.state) {
            case GREETING -> tendGreeting(link, observedNs);
            case UP -> tendUp(link, observedNs);
            case WAITING -> {
                if (observedNs - link.stateSinceNs < config.reconnectIntervalNs()) {
                    yield 0;
                }
                open(link);
                yield 1;
            }
            case ENDED -> 0;
        };
    }

    private int tendGreeting(final RouterSideLink link, final long observedNs) {
        if (observedNs - link.stateSinceNs > config.connectTimeoutNs()) {
            endLink(link, "it didn't answer our Hello", State.WAITING);
            return 1;
        }
        final FrameOut out = link.out;
        if (out == null || observedNs - link.nextHelloNs < 0 || !out.isConnected()) {
            return 0;
        }
        final int length = handshake.encodeHello(link.endpoint, link.sequence, handshakeBuffer);
        out.sendSealed(Arrays.copyOf(handshakeBuffer.byteArray(), length));
        link.nextHelloNs = observedNs + config.helloIntervalNs();
        return 1;
    }

    private int tendUp(final RouterSideLink link, final long observedNs) {
        if (link.lifelineCut) {
            link.lifelineCut = false;
            if (link.pulse.suspect()) {
                requireListener().onNodeSuspected(link.endpoint.nodeId(), "has let go of its lifeline");
            }
        }
        if (observedNs - link.nextHeartbeatNs < 0) {
            return 0;
        }
        final FrameOut out = link.out;
        if (out == null || !out.isConnected() || !port.hasImage(link.imageSessionId)) {
            endLink(link, "its channel is gone", State.WAITING);
            return 1;
        }
        if (observedNs - link.lastHeardNs > config.peerTimeoutNs()) {
            endLink(link, "nothing heard of it", State.WAITING);
            return 1;
        }
        link.nextHeartbeatNs = observedNs + config.heartbeatIntervalNs();
        link.sendHeartbeat();
        if (link.pulse.check(observedNs)) {
            requireListener().onNodeSuspected(link.endpoint.nodeId(), "answers no heartbeat");
        }
        return 1;
    }

    private void endLink(final RouterSideLink link, final String reason, final State next) {
        assembler.forget(link.imageSessionId);
        link.close();
        link.enter(next, clock.nowNs());
        if (!link.reportedLost) {
            link.reportedLost = true;
            requireListener().onNodeLost(link.endpoint.nodeId(), link.endpoint.incarnation(), reason);
        }
    }

    private Listener requireListener() {
        if (listener == null) {
            throw new IllegalStateException("frames come in doWork only, which has a listener");
        }
        return listener;
    }

    /** Frames rejected by the gate. */
    public long rejected() {
        return gate.rejectCount();
    }

    @Override
    public void close() {
        for (final RouterSideLink link : links.values()) {
            link.sendGoodbye();
            link.close();
        }
        links.clear();
    }
}
