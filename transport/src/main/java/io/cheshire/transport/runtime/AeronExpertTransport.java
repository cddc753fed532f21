package io.cheshire.transport.runtime;

import io.aeron.Aeron;
import io.aeron.Subscription;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.FragmentHandler;
import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.core.FrameHook;
import io.cheshire.transport.core.FrameHook.Direction;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.core.RouterHandshake;
import io.cheshire.transport.protocol.FrameGate;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.FrameVerdict;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.LinkOptions;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import io.cheshire.transport.runtime.NodeLink.State;
import io.cheshire.transport.sbe.CreditDecoder;
import io.cheshire.transport.sbe.GoodbyeDecoder;
import io.cheshire.transport.sbe.HeartbeatDecoder;
import io.cheshire.transport.sbe.HelloAckDecoder;
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
 *
 * <p>One idea, however long: the life of all links, from the Hello to the Goodbye. What is sent on a link is {@link NodeLink}'s,
 * what comes on it {@link NodeFrames} reads.
 */
public final class AeronExpertTransport implements ExpertTransport {
    private static final Logger LOG = LoggerFactory.getLogger(AeronExpertTransport.class);
    private final Aeron aeron;
    private final RouterIdentity identity;
    private final ModelIdentity model;
    private final TransportConfig config;
    private final @Nullable FrameHook hook;

    private final Subscription subscription;
    private final FrameGate gate;
    private final FrameAssembler assembler;
    private final RouterHandshake handshake;
    private final FrameWriter writer = new FrameWriter();
    private final TransportCounters counters = new TransportCounters();
    private final ObservedClock clock;
    private final UnsafeBuffer handshakeBuffer = new UnsafeBuffer(ByteBuffer.allocateDirect(HandshakeCodec.MAX_BYTES));

    private final NodeFrames answers;
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
        this.assembler = new FrameAssembler(FrameLimits.MAX_FRAME_BYTES);
        if (hook != null) {
            assembler.expectAll(); // an answer that the hook held back can't be told by its session
        }
        this.clock = new ObservedClock(config.heartbeatIntervalNs());
        this.handshake = new RouterHandshake(
                new HandshakeCodec(new FrameSeal(checksum), config.secret()),
                identity.routerId(),
                identity.incarnation(),
                model,
                identity.replyChannel(),
                identity.replyStreamId());
        this.answers = new NodeFrames(model, AeronExpertTransport::rowsIn);
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
        final NodeLink link = new NodeLink(endpoint, identity.routerId(), model, config, writer, counters);
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
        link.sendGoodbye();
        assembler.forget(link.imageSessionId);
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
        return link == null ? SendOutcome.NOT_CONNECTED : link.dispatch(shard, laneRows);
    }

    @Override
    public int doWork(final long now, final Listener newListener) {
        listener = newListener;
        nowNs = now;
        final long observedNs = clock.advance(now);
        heartbeats = 0;
        int work = subscription.poll(fragments, config.pollLimit()) - heartbeats;
        counters.set(TransportCounter.FRAGMENTS_DROPPED, assembler.droppedFrames());
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
        switch (link.guard.check(buffer, offset, length)) {
            case GENUINE -> onGenuine(template, link, buffer, offset);
            case FORGED -> counters.increment(TransportCounter.FRAMES_FORGED);
            case REPLAYED -> counters.increment(TransportCounter.FRAMES_REPLAYED);
        }
    }

    private void onGenuine(final int template, final NodeLink link, final DirectBuffer buffer, final int offset) {
        link.lastHeardNs = clock.nowNs();
        final int nodeId = link.endpoint.nodeId();
        switch (template) {
            case ResultDecoder.TEMPLATE_ID -> {
                counters.increment(TransportCounter.ROW_FRAMES_RECEIVED);
                answers.result(nodeId, link.credit, buffer, offset, requireListener());
            }
            case NackDecoder.TEMPLATE_ID -> answers.nack(nodeId, link.credit, buffer, offset, requireListener());
            case CreditDecoder.TEMPLATE_ID -> answers.credit(link.credit, buffer, offset);
            case HeartbeatDecoder.TEMPLATE_ID -> {
                heartbeats++;
                if (answers.heartbeat(link.credit, link.pulse, clock.nowNs(), buffer, offset)) {
                    link.holdLifeline(clock.nowNs());
                    requireListener().onNodeRecovered(nodeId);
                }
            }
            // It may mean this link only, on which it heard nothing for too long: so try again. A node that has
            // stopped for good never answers, which costs a publication until disconnect.
            case GoodbyeDecoder.TEMPLATE_ID -> end(link, "it said goodbye", State.WAITING);
            default -> throw new IllegalStateException("the gate let template " + template + " pass");
        }
    }

    private static MemorySegment rowsIn(final DirectBuffer buffer, final int offset, final int bytes) {
        return MemorySegment.ofAddress(buffer.addressOffset() + offset).reinterpret(bytes);
    }

    private void onReject(final DirectBuffer buffer, final int offset, final int length) {
        if (!NodeFrames.namesShard(buffer, offset, length)) {
            return;
        }
        final NodeLink link = linksByNode.get(FrameLayout.nodeId(buffer, offset));
        // Where frames carry MACs, one that failed may be anybody's.
        if (link != null
                && link.state == State.UP
                && !link.guard.isKeyed()
                && link.linkId == FrameLayout.linkId(buffer, offset)) {
            answers.rejected(link.endpoint.nodeId(), buffer, offset, requireListener());
        }
    }

    private void onAnswer(
            final @Nullable NodeLink link, final DirectBuffer buffer, final int offset, final int length) {
        if (link == null || link.state != State.GREETING) {
            counters.increment(TransportCounter.HANDSHAKES_STALE);
            return;
        }
        final LinkOptions options = config.linkOptions(link.endpoint.channel(), identity.replyChannel());
        switch (handshake.judge(buffer, offset, length, link.endpoint, link.sequence, options)) {
            case RouterHandshake.Verdict.Accepted(final HelloAnswer answer) -> accept(link, answer);
            case RouterHandshake.Verdict.Refused(final HelloAnswer answer, final boolean signed) -> {
                counters.increment(TransportCounter.HANDSHAKES_REFUSED);
                // Whoever saw our Hello can refuse it without a signature: that is no reason to give up.
                end(link, Refusals.describe(answer, signed, model), signed ? State.ENDED : State.WAITING);
            }
            case RouterHandshake.Verdict.Differs(final HelloAnswer answer) -> {
                counters.increment(TransportCounter.HANDSHAKES_REFUSED);
                end(link, Refusals.differs(answer.options(), options), State.ENDED);
            }
            case RouterHandshake.Verdict.Stale() -> counters.increment(TransportCounter.HANDSHAKES_STALE);
        }
    }

    private void accept(final NodeLink link, final HelloAnswer answer) {
        counters.increment(TransportCounter.HANDSHAKES_ACCEPTED);
        link.imageSessionId = hook == null ? currentSessionId : 0;
        assembler.expect(link.imageSessionId);
        link.accept(answer, clock.nowNs());
        link.holdLifeline(clock.nowNs());
        requireListener().onNodeReady(link.endpoint.nodeId(), link.endpoint.incarnation());
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
        if (!link.pollOpening(aeron, tap)) {
            return 0;
        }
        final FrameSender sender = link.sender;
        if (sender != null && link.rowsPerFrame(sender) < 1) {
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
                            + " within " + config.connectTimeoutNs() / 1_000_000
                            + " ms: it can't be reached, can't reach "
                            + identity.replyChannel() + ", or has another cheshire.transport.secret, which must be the"
                            + " same on both ends",
                    State.WAITING);
            return 1;
        }
        final FrameSender sender = link.sender;
        if (sender == null || observedNs - link.nextHelloNs < 0 || !sender.isConnected()) {
            return 0;
        }
        sender.sendSealed(handshakeBuffer, 0, handshake.encodeHello(link.endpoint, link.sequence, handshakeBuffer));
        link.nextHelloNs = observedNs + config.helloIntervalNs();
        return 1;
    }

    private int tendUp(final NodeLink link, final long observedNs) {
        if (link.takeLifelineCut(observedNs)) {
            counters.increment(TransportCounter.LIFELINES_CUT);
            return suspect(link, link.pulse.suspect(), "has let go of its lifeline, as a process does that ends");
        }
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
        link.sendHeartbeat();
        return suspect(link, link.pulse.check(observedNs), "answers no heartbeat");
    }

    private int suspect(final NodeLink link, final boolean newly, final String reason) {
        if (!newly) {
            return 0;
        }
        counters.increment(TransportCounter.SUSPICIONS);
        requireListener().onNodeSuspected(link.endpoint.nodeId(), reason);
        return 1;
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
        link.open(aeron, clock.nowNs());
    }

    /** The one way out of a connection that wasn't asked for. */
    private void end(final NodeLink link, final String reason, final State next) {
        assembler.forget(link.imageSessionId);
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
            link.sendGoodbye();
            link.close(aeron);
        }
        links = List.of();
        linksByNode.clear();
        subscription.close();
    }
}
