package io.cheshire.transport.runtime;

import io.aeron.Aeron;
import io.aeron.Subscription;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.FragmentHandler;
import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.core.FrameHook;
import io.cheshire.transport.core.FrameHook.Direction;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.protocol.FrameGate;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.FrameVerdict;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import io.cheshire.transport.runtime.NodeLink.State;
import io.cheshire.transport.sbe.CreditDecoder;
import io.cheshire.transport.sbe.GoodbyeDecoder;
import io.cheshire.transport.sbe.HeartbeatDecoder;
import io.cheshire.transport.sbe.HelloAckDecoder;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.NackDecoder;
import io.cheshire.transport.sbe.ResultDecoder;
import io.cheshire.transport.sbe.Side;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The router's end of the data plane over Aeron: one exclusive publication to every node, one subscription for all their
 * answers. Engine thread only. A lost connection is tried again by itself until {@link #disconnect}; a refused one
 * only when {@link #connect} is called again.
 */
public final class AeronExpertTransport implements ExpertTransport {
    private static final Logger LOG = LoggerFactory.getLogger(AeronExpertTransport.class);
    private static final int MAX_PARTIAL_FRAMES = 1024;

    private final Aeron aeron;
    private final RouterIdentity identity;
    private final ModelIdentity model;
    private final TransportConfig config;
    private final @Nullable FrameHook hook;

    private final Subscription subscription;
    private final FrameGate gate;
    private final FrameAssembler assembler;
    private final HandshakeCodec handshakes;
    private final FrameWriter writer = new FrameWriter();
    private final TransportCounters counters = new TransportCounters();
    private final ObservedClock clock;
    private final UnsafeBuffer handshakeBuffer = new UnsafeBuffer(ByteBuffer.allocateDirect(HandshakeCodec.MAX_BYTES));
    private final UnsafeBuffer laneView = new UnsafeBuffer(0, 0);

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final ResultDecoder result = new ResultDecoder();
    private final NackDecoder nack = new NackDecoder();
    private final CreditDecoder credit = new CreditDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();
    /** In this duty cycle: they are no work, or they would keep an idle thread awake. */
    private int heartbeats;

    private final Int2ObjectHashMap<NodeLink> linksByNode = new Int2ObjectHashMap<>();
    /** Replaced, never changed: a listener may connect and disconnect while it is walked. */
    private List<NodeLink> links = List.of();

    private final FragmentHandler fragments;
    private final FrameAssembler.Sink frames = this::onArrival;
    private final FrameHook.Sink hookSink = this::onHookPassed;
    private @Nullable Listener listener;
    private long nowNs;
    private int currentSessionId;

    /**
     * @param aeron    the process's client; must outlive this transport
     * @param identity who this router is
     * @param model    what both ends must have in common
     * @param hook     does to frames what networks do, or null
     */
    public AeronExpertTransport(
            final Aeron aeron,
            final RouterIdentity identity,
            final ModelIdentity model,
            final TransportConfig config,
            final @Nullable FrameHook hook) {
        this.aeron = aeron;
        this.identity = identity;
        this.model = model;
        this.config = config;
        this.hook = hook;
        final boolean checksum = config.checksumOn(identity.replyChannel());
        this.gate = new FrameGate(
                new FrameLimits(model, Shard.MAX_ROWS, FrameLimits.MAX_FRAME_BYTES, checksum), Side.ROUTER);
        this.assembler = new FrameAssembler(MAX_PARTIAL_FRAMES, FrameLimits.MAX_FRAME_BYTES);
        this.clock = new ObservedClock(config.heartbeatIntervalNs());
        this.handshakes = new HandshakeCodec(new FrameSeal(checksum), config.secret());
        this.fragments = (buffer, offset, length, fragmentHeader) -> assembler.onFragment(
                fragmentHeader.sessionId(), fragmentHeader.flags(), buffer, offset, length, frames);
        this.subscription = Channels.listen(
                aeron, identity.replyChannel(), identity.replyStreamId(), image -> assembler.forget(image.sessionId()));
    }

    @Override
    public void connect(final NodeEndpoint endpoint) {
        final NodeLink existing = linksByNode.get(endpoint.nodeId());
        if (existing != null) {
            if (existing.endpoint.equals(endpoint)) {
                if (existing.state == State.ENDED) {
                    open(existing);
                }
                return;
            }
            disconnect(endpoint.nodeId());
        }
        Channels.requireAllowed(endpoint.channel());
        final NodeLink link = new NodeLink(endpoint, config.suspectAfterNs());
        link.sequence = System.nanoTime();
        linksByNode.put(endpoint.nodeId(), link);
        links = withoutNode(endpoint.nodeId());
        links.add(link);
        open(link);
    }

    @Override
    public void disconnect(final int nodeId) {
        final NodeLink link = linksByNode.remove(nodeId);
        if (link == null) {
            return;
        }
        links = withoutNode(nodeId);
        sayGoodbye(link);
        link.close(aeron);
    }

    private List<NodeLink> withoutNode(final int nodeId) {
        final List<NodeLink> rest = new ArrayList<>(links);
        rest.removeIf(link -> link.endpoint.nodeId() == nodeId);
        return rest;
    }

    @Override
    public int creditRows(final int nodeId) {
        final NodeLink link = linksByNode.get(nodeId);
        return link == null || link.state != State.UP ? 0 : link.credit.available();
    }

    @Override
    public SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        final NodeLink link = linksByNode.get(shard.nodeId);
        if (link == null || link.state != State.UP || link.sender == null) {
            return SendOutcome.NOT_CONNECTED;
        }
        if (shard.rowsSent == 0) {
            if (shard.rowCount > link.windowRows) {
                return SendOutcome.TOO_LARGE;
            }
            if (shard.rowCount > link.credit.available()) {
                return SendOutcome.NO_CREDIT;
            }
        }
        laneView.wrap(laneRows.address(), Math.toIntExact(laneRows.byteSize()));
        final int rowsPerFrame = rowsPerFrame(link.sender);
        while (shard.rowsSent < shard.rowCount) {
            final int rowCount = Math.min(rowsPerFrame, shard.rowCount - shard.rowsSent);
            final SendOutcome outcome = sendRows(link, link.sender, shard, rowCount);
            if (outcome != SendOutcome.SENT) {
                counters.increment(TransportCounter.BACK_PRESSURE);
                return outcome;
            }
        }
        return SendOutcome.SENT;
    }

    private int rowsPerFrame(final FrameSender sender) {
        return (sender.frameLimitBytes() - FrameLayout.ROWS_OFFSET) / model.rowBytes();
    }

    private SendOutcome sendRows(final NodeLink link, final FrameSender sender, final Shard shard, final int rowCount) {
        final int rowBytes = model.rowBytes();
        final SendOutcome room = sender.begin(FrameLayout.ROWS_OFFSET + rowCount * rowBytes);
        if (room != SendOutcome.SENT) {
            return room;
        }
        final boolean first = shard.rowsSent == 0;
        final long dispatchedRows = link.credit.dispatchedRows() + (first ? shard.rowCount : 0);
        writer.dispatch(
                sender.buffer(),
                sender.offset(),
                link.linkId,
                identity.routerId(),
                shard,
                rowCount,
                dispatchedRows,
                model.rowDtype());
        int at = sender.offset() + FrameLayout.ROWS_OFFSET;
        for (int i = 0; i < rowCount; i++) {
            final int row = shard.rows[shard.rowsSent + i];
            sender.buffer().putBytes(at, laneView, row * rowBytes, rowBytes);
            at += rowBytes;
        }
        final SendOutcome outcome = sender.commit();
        if (outcome == SendOutcome.SENT) {
            if (first) {
                link.credit.take(shard.rowCount);
            }
            shard.rowsSent += rowCount;
            counters.increment(TransportCounter.ROW_FRAMES_SENT);
        }
        return outcome;
    }

    @Override
    public int doWork(final long now, final Listener newListener) {
        listener = newListener;
        nowNs = now;
        final long observedNs = clock.advance(now);
        heartbeats = 0;
        int work = subscription.poll(fragments, config.pollLimit()) - heartbeats;
        if (hook != null) {
            work += hook.poll(now, hookSink);
        }
        final List<NodeLink> walked = links;
        for (int i = 0; i < walked.size(); i++) {
            work += tend(walked.get(i), observedNs);
        }
        return work;
    }

    private void onArrival(final int sessionId, final DirectBuffer buffer, final int offset, final int length) {
        currentSessionId = sessionId;
        if (hook != null && length >= FrameLayout.COMMON_BYTES) {
            hook.onFrame(
                    FrameLayout.nodeId(buffer, offset), Direction.FROM_NODE, buffer, offset, length, nowNs, hookSink);
        } else {
            onFrame(buffer, offset, length);
        }
    }

    private void onHookPassed(
            final int nodeId,
            final Direction direction,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (direction == Direction.FROM_NODE) {
            onFrame(buffer, offset, length);
            return;
        }
        final NodeLink link = linksByNode.get(nodeId);
        if (link != null && link.sender != null) {
            // A frame that finds no room is one more lost frame: that is what a hook is there for.
            link.sender.offer(buffer, offset, length);
        }
    }

    private void onFrame(final DirectBuffer buffer, final int offset, final int length) {
        final FrameVerdict verdict = gate.check(buffer, offset, length);
        if (verdict != FrameVerdict.VALID) {
            onReject(buffer, offset, length);
            return;
        }
        final int template = FrameLayout.templateId(buffer, offset);
        final NodeLink link = linksByNode.get(FrameLayout.nodeId(buffer, offset));
        if (template == HelloAckDecoder.TEMPLATE_ID) {
            onAnswer(link, buffer, offset, length);
            return;
        }
        if (link == null || link.state != State.UP || link.linkId != FrameLayout.linkId(buffer, offset)) {
            counters.increment(TransportCounter.STALE_FRAMES);
            return;
        }
        link.lastHeardNs = clock.nowNs();
        switch (template) {
            case ResultDecoder.TEMPLATE_ID -> onResult(link, buffer, offset);
            case NackDecoder.TEMPLATE_ID -> onNack(link, buffer, offset);
            case CreditDecoder.TEMPLATE_ID -> {
                credit.wrapAndApplyHeader(buffer, offset, header);
                link.credit.onLimit(credit.creditLimit());
            }
            case HeartbeatDecoder.TEMPLATE_ID -> {
                heartbeat.wrapAndApplyHeader(buffer, offset, header);
                heartbeats++;
                link.credit.onLimit(heartbeat.creditLimit());
                if (link.pulse.onEcho(heartbeat.beat(), clock.nowNs())) {
                    requireListener().onNodeRecovered(link.endpoint.nodeId());
                }
            }
            // It may mean this link only, on which it heard nothing for too long: so try again. A node that has
            // stopped for good never answers, which costs a publication until disconnect.
            case GoodbyeDecoder.TEMPLATE_ID -> end(link, "it said goodbye", State.WAITING);
            default -> throw new IllegalStateException("the gate let template " + template + " pass");
        }
    }

    private void onResult(final NodeLink link, final DirectBuffer buffer, final int offset) {
        counters.increment(TransportCounter.ROW_FRAMES_RECEIVED);
        result.wrapAndApplyHeader(buffer, offset, header);
        link.credit.onLimit(result.creditLimit());
        final int rowCount = result.rowCount();
        final MemorySegment rows = MemorySegment.ofAddress(buffer.addressOffset() + offset + FrameLayout.ROWS_OFFSET)
                .reinterpret((long) rowCount * model.resultRowBytes());
        requireListener()
                .onResult(
                        link.endpoint.nodeId(),
                        result.shardId(),
                        result.attempt(),
                        result.layer(),
                        result.firstRow(),
                        rowCount,
                        rows,
                        result.queueNs(),
                        result.computeNs());
    }

    private void onNack(final NodeLink link, final DirectBuffer buffer, final int offset) {
        nack.wrapAndApplyHeader(buffer, offset, header);
        link.credit.onLimit(nack.creditLimit());
        requireListener()
                .onNack(link.endpoint.nodeId(), nack.shardId(), nack.attempt(), FrameWriter.reasonOf(nack.reason()));
    }

    /**
     * A Result that failed the gate names a shard all the same, if only perhaps the right one: taking it for a Nack makes
     * the router ask again instead of waiting. Should the bits of the name be the ones that flipped, the router finds no
     * such shard, or asks again for one whose answer it then drops.
     */
    private void onReject(final DirectBuffer buffer, final int offset, final int length) {
        if (length < FrameLayout.ROWS_OFFSET || FrameLayout.templateId(buffer, offset) != ResultDecoder.TEMPLATE_ID) {
            return;
        }
        final NodeLink link = linksByNode.get(FrameLayout.nodeId(buffer, offset));
        if (link != null && link.state == State.UP && link.linkId == FrameLayout.linkId(buffer, offset)) {
            result.wrap(
                    buffer,
                    offset + FrameLayout.HEADER_BYTES,
                    ResultDecoder.BLOCK_LENGTH,
                    ResultDecoder.SCHEMA_VERSION);
            requireListener().onNack(link.endpoint.nodeId(), result.shardId(), result.attempt(), NackReason.BAD_FRAME);
        }
    }

    private void onAnswer(
            final @Nullable NodeLink link, final DirectBuffer buffer, final int offset, final int length) {
        final HelloAnswer answer = handshakes.decodeAnswer(buffer, offset);
        if (link == null
                || link.state != State.GREETING
                || answer.sequence() != link.sequence
                || answer.routerId() != identity.routerId()
                || answer.routerIncarnation() != identity.incarnation()) {
            counters.increment(TransportCounter.HANDSHAKES_STALE);
            return;
        }
        final boolean signed = handshakes.isAnswerSigned(buffer, offset, length);
        if (answer.version() != HelloDecoder.SCHEMA_VERSION || answer.status() != HelloStatus.ACCEPTED || !signed) {
            refuse(link, answer, signed);
        } else if (answer.nodeIncarnation() != link.endpoint.incarnation()) {
            counters.increment(TransportCounter.HANDSHAKES_STALE);
        } else {
            accept(link, answer);
        }
    }

    private void accept(final NodeLink link, final HelloAnswer answer) {
        counters.increment(TransportCounter.HANDSHAKES_ACCEPTED);
        link.linkId = answer.linkId();
        link.windowRows = answer.windowRows();
        link.credit.reset(answer.creditLimit());
        link.imageSessionId = hook == null ? currentSessionId : 0;
        link.lastHeardNs = clock.nowNs();
        link.nextHeartbeatNs = clock.nowNs();
        link.pulse.reset(clock.nowNs());
        link.reportedLost = false;
        link.enter(State.UP, clock.nowNs());
        requireListener().onNodeReady(link.endpoint.nodeId(), link.endpoint.incarnation());
    }

    private void refuse(final NodeLink link, final HelloAnswer answer, final boolean signed) {
        counters.increment(TransportCounter.HANDSHAKES_REFUSED);
        final String reason = answer.status() == HelloStatus.ACCEPTED && !signed
                ? "its answer isn't signed with our secret: set the same cheshire.transport.secret on both ends"
                : "it refused us: " + Refusals.describe(answer, model);
        end(link, reason, State.ENDED);
    }

    private int tend(final NodeLink link, final long observedNs) {
        try {
            return switch (link.state) {
                case OPENING -> tendOpening(link, observedNs);
                case GREETING -> tendGreeting(link, observedNs);
                case UP -> tendUp(link, observedNs);
                case WAITING -> tendWaiting(link, observedNs);
                case ENDED -> 0;
            };
        } catch (final AeronException cause) {
            end(
                    link,
                    "the media driver refused the channel " + link.endpoint.channel() + ": " + cause.getMessage(),
                    State.WAITING);
            return 1;
        }
    }

    private int tendOpening(final NodeLink link, final long observedNs) {
        final FrameHook currentHook = hook;
        final FrameSender.Tap tap = currentHook == null
                ? null
                : (buffer, offset, length) -> currentHook.onFrame(
                        link.endpoint.nodeId(), Direction.TO_NODE, buffer, offset, length, nowNs, hookSink);
        if (!link.pollOpening(aeron, config, model, tap)) {
            return 0;
        }
        final FrameSender sender = link.sender;
        if (sender != null && rowsPerFrame(sender) < 1) {
            end(link, Refusals.rowTooLarge(model.rowBytes(), sender.frameLimitBytes()), State.ENDED);
            return 1;
        }
        link.sequence++;
        link.nextHelloNs = observedNs;
        link.enter(State.GREETING, observedNs);
        return 1;
    }

    private int tendGreeting(final NodeLink link, final long observedNs) {
        if (observedNs - link.stateSinceNs > config.connectTimeoutNs()) {
            end(
                    link,
                    "it didn't answer our Hello on " + link.endpoint.channel() + " stream " + link.endpoint.streamId()
                            + " within " + config.connectTimeoutNs() / 1_000_000 + " ms",
                    State.WAITING);
            return 1;
        }
        final FrameSender sender = link.sender;
        if (sender == null || observedNs - link.nextHelloNs < 0 || !sender.isConnected()) {
            return 0;
        }
        final Hello hello = new Hello(
                HelloDecoder.SCHEMA_VERSION,
                identity.routerId(),
                identity.incarnation(),
                link.endpoint.nodeId(),
                link.endpoint.incarnation(),
                link.sequence,
                model.fingerprint(),
                model.hiddenSize(),
                HandshakeCodec.dtypeCode(model.rowDtype()),
                identity.replyChannel(),
                identity.replyStreamId());
        sender.sendSealed(handshakeBuffer, 0, handshakes.encode(hello, handshakeBuffer, 0));
        link.nextHelloNs = observedNs + config.helloIntervalNs();
        return 1;
    }

    private int tendUp(final NodeLink link, final long observedNs) {
        if (observedNs - link.nextHeartbeatNs < 0) {
            return 0;
        }
        final FrameSender sender = link.sender;
        if (sender == null || !sender.isConnected() || isImageGone(link)) {
            end(link, "its channel is gone", State.WAITING);
            return 1;
        }
        if (observedNs - link.lastHeardNs > config.peerTimeoutNs()) {
            end(link, "nothing heard of it for " + config.peerTimeoutNs() / 1_000_000 + " ms", State.WAITING);
            return 1;
        }
        link.nextHeartbeatNs = observedNs + config.heartbeatIntervalNs();
        if (sender.begin(FrameWriter.HEARTBEAT_BYTES) == SendOutcome.SENT) {
            writer.heartbeat(
                    sender.buffer(),
                    sender.offset(),
                    link.endpoint.nodeId(),
                    link.linkId,
                    Side.ROUTER,
                    0,
                    link.credit.dispatchedRows(),
                    link.pulse.nextBeat());
            if (sender.commit() == SendOutcome.SENT) {
                link.pulse.sent();
            }
        }
        if (link.pulse.check(observedNs)) {
            counters.increment(TransportCounter.SUSPICIONS);
            requireListener().onNodeSuspected(link.endpoint.nodeId());
            return 1;
        }
        return 0;
    }

    private boolean isImageGone(final NodeLink link) {
        return link.imageSessionId != 0 && subscription.imageBySessionId(link.imageSessionId) == null;
    }

    private int tendWaiting(final NodeLink link, final long observedNs) {
        if (observedNs - link.stateSinceNs < config.reconnectIntervalNs()) {
            return 0;
        }
        open(link);
        return 1;
    }

    private void open(final NodeLink link) {
        link.open(aeron, config, clock.nowNs());
    }

    /** The one way out of a connection that wasn't asked for. */
    private void end(final NodeLink link, final String reason, final State next) {
        link.close(aeron);
        link.enter(next, clock.nowNs());
        if (link.reportedLost) {
            return;
        }
        link.reportedLost = true;
        counters.increment(TransportCounter.LINKS_LOST);
        LOG.warn("expert node {} is lost: {}", link.endpoint.nodeId(), reason);
        requireListener().onNodeLost(link.endpoint.nodeId(), link.endpoint.incarnation(), reason);
    }

    private void sayGoodbye(final NodeLink link) {
        final FrameSender sender = link.sender;
        if (link.state == State.UP && sender != null && sender.begin(FrameWriter.GOODBYE_BYTES) == SendOutcome.SENT) {
            writer.goodbye(sender.buffer(), sender.offset(), link.endpoint.nodeId(), link.linkId, Side.ROUTER);
            sender.commit();
        }
    }

    private Listener requireListener() {
        if (listener == null) {
            throw new IllegalStateException("frames come in doWork only, which has a listener");
        }
        return listener;
    }

    /** Counters, readable from any thread. */
    public TransportCounters counters() {
        return counters;
    }

    /** The gate's counters, readable from any thread. */
    public FrameGate gate() {
        return gate;
    }

    @Override
    public void close() {
        for (final NodeLink link : links) {
            sayGoodbye(link);
            link.close(aeron);
        }
        links = List.of();
        linksByNode.clear();
        subscription.close();
    }
}
