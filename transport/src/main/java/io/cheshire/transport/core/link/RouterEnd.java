package io.cheshire.transport.core.link;

import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.core.GrantedCredit;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.core.RouterHandshake;
import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.core.TransportCounters;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.FrameFilter;
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
import io.cheshire.transport.protocol.RouterIdentity;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
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
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The router's end of the data plane: a channel to every node, one inbox for all their answers. Engine thread only. A
 * lost connection is tried again by itself until {@link #disconnect}; a refused one only when {@link #connect} is
 * called again.
 *
 * <p>One idea, however long: the life of all links, from the Hello to the Goodbye. The state of one is
 * {@link RouterEndLink}'s, what is sent on it {@link ToNode}'s, what comes on it {@link NodeFrames} reads.
 */
public final class RouterEnd implements ExpertTransport {
    private final RouterIdentity identity;
    private final ModelIdentity model;
    private final LinkRules rules;
    private final Parts parts;
    private final Inbox inbox;
    private final FrameAssembler assembler = new FrameAssembler(FrameLimits.MAX_FRAME_BYTES);
    private final RouterHandshake handshake;
    private final TransportCounters counters = new TransportCounters();
    private final ObservedClock clock;
    private final UnsafeBuffer handshakeBuffer = new UnsafeBuffer(ByteBuffer.allocateDirect(HandshakeCodec.MAX_BYTES));
    private final RouterEndLink.Shared shared;
    private final NodeFrames answers;
    /** In this duty cycle: they are no work, or they would keep an idle thread awake. */
    private int heartbeats;

    private final Int2ObjectHashMap<RouterEndLink> linksByNode = new Int2ObjectHashMap<>();
    /** Replaced, never changed: a listener may connect and disconnect while it is walked. */
    private List<RouterEndLink> links = List.of();

    private final Inbox.Sink fragments = this::onFragment;
    private final FrameAssembler.Sink frames = this::onFrame;
    private @Nullable Listener listener;

    /**
     * What an end is made of besides its network.
     *
     * @param gate      judges what comes
     * @param credits   makes what counts a node's credit
     * @param sequences where the numbers of the Hellos to a node start: higher than ever before
     * @param log       told of what people want to know
     */
    public record Parts(FrameFilter gate, Supplier<NodeCredit> credits, LongSupplier sequences, RouterEndLog log) {
        /** The usual ones. */
        public static Parts of(
                final RouterIdentity identity,
                final ModelIdentity model,
                final LinkRules rules,
                final LongSupplier sequences,
                final RouterEndLog log) {
            final FrameLimits limits = new FrameLimits(
                    model, Shard.MAX_ROWS, FrameLimits.MAX_FRAME_BYTES, rules.checksumOn(identity.replyChannel()));
            return new Parts(new FrameGate(limits, Side.ROUTER), GrantedCredit::new, sequences, log);
        }
    }

    /**
     * A link as it is now.
     *
     * @param availableRows rows of credit
     * @param windowRows    the most rows of credit
     */
    public record LinkView(int nodeId, RouterEndState state, int availableRows, int windowRows) {}

    /**
     * @param wire     the network; must outlive this
     * @param identity who this router is
     * @param model    what both ends must have in common
     */
    public RouterEnd(
            final Wire wire,
            final RouterIdentity identity,
            final ModelIdentity model,
            final LinkRules rules,
            final Parts parts) {
        this.identity = identity;
        this.model = model;
        this.rules = rules;
        this.parts = parts;
        this.clock = new ObservedClock(rules.heartbeatIntervalNs());
        this.handshake = new RouterHandshake(
                new HandshakeCodec(new FrameSeal(rules.checksumOn(identity.replyChannel())), rules.secret()),
                identity.routerId(),
                identity.incarnation(),
                model,
                identity.replyChannel(),
                identity.replyStreamId());
        this.shared = new RouterEndLink.Shared(
                wire, identity.routerId(), model, rules, clock, counters, parts.log(), new FrameWriter());
        this.answers = new NodeFrames(model);
        this.inbox = wire.listen(identity.replyChannel(), identity.replyStreamId(), assembler::forget);
    }

    @Override
    public void connect(final NodeEndpoint endpoint) {
        final RouterEndLink existing = linksByNode.get(endpoint.nodeId());
        if (existing != null) {
            if (existing.endpoint().equals(endpoint)) {
                if (existing.state() == RouterEndState.ENDED) {
                    existing.open("named again");
                }
                return;
            }
            disconnect(endpoint.nodeId());
        }
        Channels.requireAllowed(endpoint.channel());
        final RouterEndLink link = new RouterEndLink(
                shared, endpoint, parts.credits().get(), parts.sequences().getAsLong());
        linksByNode.put(endpoint.nodeId(), link);
        links = withoutNode(endpoint.nodeId());
        links.add(link);
        link.open("named");
    }

    @Override
    public void disconnect(final int nodeId) {
        final RouterEndLink link = linksByNode.remove(nodeId);
        if (link == null) {
            return;
        }
        links = withoutNode(nodeId);
        assembler.forget(link.imageSessionId());
        link.end(RouterEndState.CLOSED, "disconnected");
    }

    private List<RouterEndLink> withoutNode(final int nodeId) {
        final List<RouterEndLink> rest = new ArrayList<>(links);
        rest.removeIf(link -> link.endpoint().nodeId() == nodeId);
        return rest;
    }

    @Override
    public int creditRows(final int nodeId) {
        final RouterEndLink link = linksByNode.get(nodeId);
        return link == null || link.state() != RouterEndState.UP
                ? 0
                : link.credit().available();
    }

    @Override
    public SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        final RouterEndLink link = linksByNode.get(shard.nodeId);
        return link == null ? SendOutcome.NOT_CONNECTED : link.dispatch(shard, laneRows);
    }

    @Override
    public int doWork(final long now, final Listener newListener) {
        listener = newListener;
        clock.advance(now);
        heartbeats = 0;
        int work = inbox.poll(fragments, rules.pollLimit()) - heartbeats;
        counters.set(TransportCounter.FRAGMENTS_DROPPED, assembler.droppedFrames());
        final List<RouterEndLink> walked = links;
        for (int i = 0; i < walked.size(); i++) {
            work += tend(walked.get(i));
        }
        return work;
    }

    private void onFragment(
            final int sessionId, final byte flags, final DirectBuffer buffer, final int offset, final int length) {
        assembler.onFragment(sessionId, flags, buffer, offset, length, frames);
    }

    private void onFrame(final int sessionId, final DirectBuffer buffer, final int offset, final int length) {
        if (parts.gate().check(buffer, offset, length) != FrameVerdict.VALID) {
            onReject(buffer, offset, length);
            return;
        }
        final int template = FrameLayout.templateId(buffer, offset);
        final RouterEndLink link = linksByNode.get(FrameLayout.nodeId(buffer, offset));
        if (template == HelloAckDecoder.TEMPLATE_ID) {
            onAnswer(link, sessionId, buffer, offset, length);
            return;
        }
        if (link == null || !link.isUp(FrameLayout.linkId(buffer, offset))) {
            counters.increment(TransportCounter.STALE_FRAMES);
            return;
        }
        switch (link.guard().check(buffer, offset, length)) {
            case GENUINE -> onGenuine(template, link, buffer, offset);
            case FORGED -> counters.increment(TransportCounter.FRAMES_FORGED);
            case REPLAYED -> counters.increment(TransportCounter.FRAMES_REPLAYED);
        }
    }

    private void onGenuine(final int template, final RouterEndLink link, final DirectBuffer buffer, final int offset) {
        link.heard();
        final int nodeId = link.endpoint().nodeId();
        switch (template) {
            case ResultDecoder.TEMPLATE_ID -> {
                counters.increment(TransportCounter.ROW_FRAMES_RECEIVED);
                answers.result(nodeId, link.credit(), buffer, offset, requireListener());
            }
            case NackDecoder.TEMPLATE_ID -> answers.nack(nodeId, link.credit(), buffer, offset, requireListener());
            case CreditDecoder.TEMPLATE_ID -> answers.credit(link.credit(), buffer, offset);
            case HeartbeatDecoder.TEMPLATE_ID -> {
                heartbeats++;
                if (answers.heartbeat(link.credit(), link.pulse(), clock.nowNs(), buffer, offset)) {
                    link.holdLifeline();
                    requireListener().onNodeRecovered(nodeId);
                }
            }
            // It may mean this link only, on which it heard nothing for too long: so try again. A node that has
            // stopped for good never answers, which costs a channel until disconnect.
            case GoodbyeDecoder.TEMPLATE_ID -> end(link, "it said goodbye", RouterEndState.WAITING);
            default -> throw new IllegalStateException("the gate let template " + template + " pass");
        }
    }

    private void onReject(final DirectBuffer buffer, final int offset, final int length) {
        if (!NodeFrames.namesShard(buffer, offset, length)) {
            return;
        }
        final RouterEndLink link = linksByNode.get(FrameLayout.nodeId(buffer, offset));
        // Where frames carry MACs, one that failed may be anybody's.
        if (link != null
                && link.isUp(FrameLayout.linkId(buffer, offset))
                && !link.guard().isKeyed()) {
            answers.rejected(link.endpoint().nodeId(), buffer, offset, requireListener());
        }
    }

    private void onAnswer(
            final @Nullable RouterEndLink link,
            final int sessionId,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (link == null || link.state() != RouterEndState.GREETING) {
            counters.increment(TransportCounter.HANDSHAKES_STALE);
            return;
        }
        final LinkOptions options = rules.linkOptions(link.endpoint().channel(), identity.replyChannel());
        switch (handshake.judge(buffer, offset, length, link.endpoint(), link.sequence(), options)) {
            case RouterHandshake.Verdict.Accepted(final HelloAnswer answer) -> accept(link, answer, sessionId);
            case RouterHandshake.Verdict.Refused(final HelloAnswer answer, final boolean signed) -> {
                counters.increment(TransportCounter.HANDSHAKES_REFUSED);
                // Whoever saw our Hello can refuse it without a signature: that is no reason to give up.
                end(
                        link,
                        Refusals.describe(answer, signed, model),
                        signed ? RouterEndState.ENDED : RouterEndState.WAITING);
            }
            case RouterHandshake.Verdict.Differs(final HelloAnswer answer) -> {
                counters.increment(TransportCounter.HANDSHAKES_REFUSED);
                end(link, Refusals.differs(answer.options(), options), RouterEndState.ENDED);
            }
            case RouterHandshake.Verdict.Stale() -> counters.increment(TransportCounter.HANDSHAKES_STALE);
        }
    }

    private void accept(final RouterEndLink link, final HelloAnswer answer, final int sessionId) {
        counters.increment(TransportCounter.HANDSHAKES_ACCEPTED);
        assembler.expect(sessionId);
        link.accept(answer, sessionId);
        requireListener().onNodeReady(link.endpoint().nodeId(), link.endpoint().incarnation());
    }

    private int tend(final RouterEndLink link) {
        return switch (link.state()) {
            case OPENING -> tendOpening(link);
            case GREETING -> tendGreeting(link);
            case UP -> tendUp(link);
            case WAITING -> tendWaiting(link);
            case ENDED, CLOSED -> 0;
        };
    }

    private int tendOpening(final RouterEndLink link) {
        final Outbox outbox = link.outbox();
        return switch (outbox.state()) {
            case OPENING -> 0;
            case REFUSED -> {
                end(
                        link,
                        "the media driver refused the channel "
                                + link.endpoint().channel() + ": " + outbox.refusal(),
                        RouterEndState.WAITING);
                yield 1;
            }
            case OPEN -> {
                final ToNode toNode = link.opened();
                if (toNode.rowsPerFrame() < 1) {
                    end(link, Refusals.rowTooLarge(model.rowBytes(), toNode.frameLimitBytes()), RouterEndState.ENDED);
                } else {
                    link.greet();
                }
                yield 1;
            }
        };
    }

    private int tendGreeting(final RouterEndLink link) {
        final NodeEndpoint node = link.endpoint();
        if (link.ageNs() > rules.connectTimeoutNs()) {
            end(
                    link,
                    Refusals.unanswered(node, rules.connectTimeoutNs(), identity.replyChannel()),
                    RouterEndState.WAITING);
            return 1;
        }
        if (!link.takeHello()) {
            return 0;
        }
        link.sendHello(handshakeBuffer, handshake.encodeHello(node, link.sequence(), handshakeBuffer));
        return 1;
    }

    private int tendUp(final RouterEndLink link) {
        if (link.takeLifelineCut()) {
            counters.increment(TransportCounter.LIFELINES_CUT);
            return suspect(link, link.pulse().suspect(), "has let go of its lifeline, as a process does that ends");
        }
        if (!link.isBeatDue()) {
            return 0;
        }
        if (!link.isConnected() || !inbox.hasImage(link.imageSessionId())) {
            end(link, "its channel is gone", RouterEndState.WAITING);
            return 1;
        }
        if (link.hasBeenSilent()) {
            end(link, "nothing heard of it for " + rules.peerTimeoutNs() / 1_000_000 + " ms", RouterEndState.WAITING);
            return 1;
        }
        link.sendHeartbeat();
        return suspect(link, link.pulse().check(clock.nowNs()), "answers no heartbeat");
    }

    private int suspect(final RouterEndLink link, final boolean newly, final String reason) {
        if (!newly) {
            return 0;
        }
        counters.increment(TransportCounter.SUSPICIONS);
        requireListener().onNodeSuspected(link.endpoint().nodeId(), reason);
        return 1;
    }

    private int tendWaiting(final RouterEndLink link) {
        if (link.ageNs() < rules.reconnectIntervalNs()) {
            return 0;
        }
        link.open("the reconnect interval is over");
        return 1;
    }

    /** The one way out of a connection that wasn't asked for. */
    private void end(final RouterEndLink link, final String reason, final RouterEndState next) {
        assembler.forget(link.imageSessionId());
        if (!link.end(next, reason)) {
            return;
        }
        counters.increment(TransportCounter.LINKS_LOST);
        final NodeEndpoint node = link.endpoint();
        parts.log().nodeLost(node.nodeId(), reason);
        requireListener().onNodeLost(node.nodeId(), node.incarnation(), reason);
    }

    private Listener requireListener() {
        if (listener == null) {
            throw new IllegalStateException("frames come in doWork only, which has a listener");
        }
        return listener;
    }

    /** All links, as they are now. Engine thread. */
    public List<LinkView> links() {
        return links.stream()
                .map(link -> new LinkView(
                        link.endpoint().nodeId(),
                        link.state(),
                        link.credit().available(),
                        link.credit().windowRows()))
                .toList();
    }

    /** Counters, readable from any thread. */
    public TransportCounters counters() {
        return counters;
    }

    /** The gate's counters, readable from any thread. */
    public FrameFilter gate() {
        return parts.gate();
    }

    @Override
    public void close() {
        for (final RouterEndLink link : links) {
            link.end(RouterEndState.CLOSED, "the router's end is closed");
        }
        links = List.of();
        linksByNode.clear();
        inbox.close();
    }
}
