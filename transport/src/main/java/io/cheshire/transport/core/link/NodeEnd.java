package io.cheshire.transport.core.link;

import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.core.HandshakeJudge;
import io.cheshire.transport.core.HelloLedger;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.core.RateLimit;
import io.cheshire.transport.core.RouterCredit;
import io.cheshire.transport.core.RouterLink;
import io.cheshire.transport.core.RouterLinks;
import io.cheshire.transport.core.TransportCounter;
import io.cheshire.transport.core.TransportCounters;
import io.cheshire.transport.core.WindowCredit;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.FrameFilter;
import io.cheshire.transport.protocol.FrameGate;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.FrameVerdict;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.HandshakeCodec;
import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.sbe.DispatchDecoder;
import io.cheshire.transport.sbe.GoodbyeDecoder;
import io.cheshire.transport.sbe.HeartbeatDecoder;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A node's end of the data plane: one inbox on which all routers dispatch, one channel back to each of them. The
 * state of one link is {@link NodeEndLink}'s; refused ones are {@link RefusedRouters}'. The node's thread only.
 */
public final class NodeEnd implements RouterLinks {
    private final NodeEndpoint self;
    private final ModelIdentity model;
    private final LinkRules rules;
    private final Parts parts;
    private final Inbox inbox;
    private final FrameAssembler assembler = new FrameAssembler(FrameLimits.MAX_FRAME_BYTES);
    private final HandshakeJudge judge;
    private final HelloLedger ledger = new HelloLedger();
    /** Each opens a channel: routers that all come back at once need one each, and some tries. */
    private final RateLimit handshakesAllowed;

    private final HandshakeCodec handshakes;
    private final TransportCounters counters = new TransportCounters();
    private final ObservedClock clock;
    private final NodeEndLink.Shared shared;
    private final HelloReplies replies;
    private final RefusedRouters refused;

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final DispatchDecoder dispatch = new DispatchDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();
    /** In this duty cycle: they are no work, or they would keep an idle thread awake. */
    private int heartbeats;

    private final Long2ObjectHashMap<NodeEndLink> linksById = new Long2ObjectHashMap<>();
    private final List<NodeEndLink> links = new ArrayList<>();
    private final Inbox.Sink fragments = this::onFragment;
    private final FrameAssembler.Sink frames = this::onFrame;
    private @Nullable Listener listener;

    /**
     * What an end is made of besides its network.
     *
     * @param gate      judges what comes
     * @param credits   makes what counts a router's credit
     * @param linkIds   draws ids of links, which nobody can guess
     * @param lifelines the node's end of its routers' lifelines, closed with this; null: it has none
     * @param log       told of what people want to know
     */
    public record Parts(
            FrameFilter gate,
            Supplier<RouterCredit> credits,
            LongSupplier linkIds,
            @Nullable LifelineDoor lifelines,
            NodeEndLog log) {
        /** The usual ones. */
        public static Parts of(
                final NodeEndpoint self,
                final ModelIdentity model,
                final LinkRules rules,
                final LongSupplier linkIds,
                final @Nullable LifelineDoor lifelines,
                final NodeEndLog log) {
            final FrameLimits limits = new FrameLimits(
                    model, rules.windowRows(), FrameLimits.MAX_FRAME_BYTES, rules.checksumOn(self.channel()));
            return new Parts(
                    new FrameGate(limits, Side.NODE),
                    () -> new WindowCredit(rules.windowRows()),
                    linkIds,
                    lifelines,
                    log);
        }
    }

    /**
     * @param wire  the network; must outlive this
     * @param self  who this node is and where it listens
     * @param model what both ends must have in common
     */
    public NodeEnd(
            final Wire wire,
            final NodeEndpoint self,
            final ModelIdentity model,
            final LinkRules rules,
            final Parts parts) {
        this.self = self;
        this.model = model;
        this.rules = rules;
        this.parts = parts;
        this.judge = new HandshakeJudge(self, model);
        this.handshakesAllowed = new RateLimit(4 * rules.maxRouters(), TimeUnit.SECONDS.toNanos(1));
        this.handshakes = new HandshakeCodec(new FrameSeal(rules.checksumOn(self.channel())), rules.secret());
        this.clock = new ObservedClock(rules.heartbeatIntervalNs());
        this.replies = new HelloReplies(wire, self, model, rules, handshakes);
        this.refused = new RefusedRouters(replies, counters, parts.log());
        this.shared =
                new NodeEndLink.Shared(self.nodeId(), model, rules, clock, counters, parts.log(), new FrameWriter());
        this.inbox = wire.listen(self.channel(), self.streamId(), assembler::forget);
    }

    @Override
    public int doWork(final long nowNs, final Listener newListener) {
        listener = newListener;
        final long observedNs = clock.advance(nowNs);
        heartbeats = 0;
        int work = inbox.poll(fragments, rules.pollLimit()) - heartbeats;
        counters.set(TransportCounter.FRAGMENTS_DROPPED, assembler.droppedFrames());
        for (int i = links.size() - 1; i >= 0; i--) {
            work += tend(links.get(i));
        }
        return work + refused.doWork(observedNs);
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
        if (template == HelloDecoder.TEMPLATE_ID) {
            onHello(sessionId, buffer, offset, length);
            return;
        }
        final NodeEndLink link = linksById.get(FrameLayout.linkId(buffer, offset));
        if (link == null
                || link.state() == NodeEndState.OPENING
                || link.imageSessionId() != sessionId
                || FrameLayout.nodeId(buffer, offset) != self.nodeId()) {
            counters.increment(TransportCounter.STALE_FRAMES);
            return;
        }
        switch (link.guard().check(buffer, offset, length)) {
            case GENUINE -> onGenuine(template, link, buffer, offset);
            case FORGED -> counters.increment(TransportCounter.FRAMES_FORGED);
            case REPLAYED -> counters.increment(TransportCounter.FRAMES_REPLAYED);
        }
    }

    private void onGenuine(final int template, final NodeEndLink link, final DirectBuffer buffer, final int offset) {
        if (link.heard()) {
            requireListener().onLinkUp(link);
        }
        switch (template) {
            case DispatchDecoder.TEMPLATE_ID -> {
                counters.increment(TransportCounter.ROW_FRAMES_RECEIVED);
                dispatch.wrapAndApplyHeader(buffer, offset, header);
                requireListener().onDispatch(link, dispatch, buffer, offset + FrameLayout.ROWS_OFFSET);
                // After the listener has held the shard's rows: else the limit would grow by them.
                link.credit().onDispatchedRows(dispatch.dispatchedRows());
            }
            case HeartbeatDecoder.TEMPLATE_ID -> {
                heartbeat.wrapAndApplyHeader(buffer, offset, header);
                link.credit().onDispatchedRows(heartbeat.dispatchedRows());
                link.heardBeat(heartbeat.beat());
                heartbeats++;
            }
            case GoodbyeDecoder.TEMPLATE_ID -> end(link, "it said goodbye", true);
            default -> throw new IllegalStateException("the gate let template " + template + " pass");
        }
    }

    /** A shard whose frame failed the gate is answered where its header can be read; see the router's side for why. */
    private void onReject(final DirectBuffer buffer, final int offset, final int length) {
        if (length < FrameLayout.ROWS_OFFSET || FrameLayout.templateId(buffer, offset) != DispatchDecoder.TEMPLATE_ID) {
            return;
        }
        final NodeEndLink link = linksById.get(FrameLayout.linkId(buffer, offset));
        // Where frames carry MACs, one that failed may be anybody's.
        if (link != null && !link.guard().isKeyed()) {
            dispatch.wrap(
                    buffer,
                    offset + FrameLayout.HEADER_BYTES,
                    DispatchDecoder.BLOCK_LENGTH,
                    DispatchDecoder.SCHEMA_VERSION);
            link.sendNack(dispatch.shardId(), dispatch.attempt(), NackReason.BAD_FRAME);
        }
    }

    private void onHello(final int sessionId, final DirectBuffer buffer, final int offset, final int length) {
        final Hello asked = handshakes.decodeHello(buffer, offset);
        final Hello hello = answerable(asked, sessionId, handshakes.isHelloSigned(buffer, offset, length));
        if (hello == null) {
            return;
        }
        final NodeEndLink previous = linkOf(hello.routerId());
        final HelloStatus status = judge.judge(hello, true, previous != null || links.size() < rules.maxRouters());
        if (status != HelloStatus.ACCEPTED) {
            refused.refuse(hello, status, clock.nowNs());
            return;
        }
        switch (ledger.standingOf(hello)) {
            case STALE -> counters.increment(TransportCounter.HANDSHAKES_STALE);
            case REPEATED -> answerAgain(previous);
            case NEW -> {
                if (!handshakesAllowed.tryTake(clock.nowNs())) {
                    counters.increment(TransportCounter.HANDSHAKES_UNANSWERED);
                    return; // who means it asks again
                }
                if (previous != null) {
                    end(previous, "the router connected anew", false);
                }
                accept(hello, sessionId);
            }
        }
    }

    /**
     * The Hello, with the channel to answer on; null where an answer would be work for a stranger. With a secret
     * whoever has it may ask for any channel, and nobody else gets an answer; without one, an answer goes where the
     * Hello came from or nowhere.
     */
    private @Nullable Hello answerable(final Hello hello, final int sessionId, final boolean signed) {
        if (!signed || !Channels.isAllowed(hello.replyChannel())) {
            refused.leaveUnanswered(
                    hello,
                    signed
                            ? "asks for an answer on a channel of another kind"
                            : "isn't signed with our cheshire.transport.secret",
                    clock.nowNs());
            return null;
        }
        if (rules.secret() != null) {
            return hello;
        }
        final String source = inbox.sourceOf(sessionId);
        final String channel =
                source == null ? null : ReplyChannels.toSender(hello.replyChannel(), self.channel(), source);
        if (channel == null) {
            refused.leaveUnanswered(
                    hello,
                    "asks for an answer on " + hello.replyChannel() + ", which isn't where it came from ("
                            + (source == null ? "gone" : source)
                            + "): without a cheshire.transport.secret answers go to the sender's address only",
                    clock.nowNs());
        }
        return channel == null ? null : hello.answeredOn(channel);
    }

    private @Nullable NodeEndLink linkOf(final int routerId) {
        for (final NodeEndLink link : links) {
            if (link.routerId() == routerId) {
                return link;
            }
        }
        return null;
    }

    private void accept(final Hello hello, final int sessionId) {
        ledger.accept(hello);
        counters.increment(TransportCounter.HANDSHAKES_ACCEPTED);
        final NodeEndLink link = new NodeEndLink(
                shared,
                hello,
                drawLinkId(),
                sessionId,
                replies.open(hello),
                parts.credits().get());
        assembler.expect(sessionId);
        if (parts.lifelines() != null) {
            parts.lifelines().allow(link.lifelineProof());
        }
        links.add(link);
        linksById.put(link.linkId(), link);
    }

    private long drawLinkId() {
        long linkId = parts.linkIds().getAsLong();
        while (linkId == 0 || linksById.containsKey(linkId)) {
            linkId = parts.linkIds().getAsLong();
        }
        return linkId;
    }

    private void answerAgain(final @Nullable NodeEndLink link) {
        final FrameSender sender = link == null ? null : link.sender();
        if (link != null && sender != null && link.state() != NodeEndState.OPENING) {
            replies.accept(sender, link);
        }
    }

    private int tend(final NodeEndLink link) {
        if (link.state() == NodeEndState.OPENING) {
            return tendOpening(link);
        }
        if (link.isNackOverrun()) {
            end(link, "it takes no answers", true);
            return 1;
        }
        final int work = link.flushNacks();
        if (!link.takeBeat()) {
            return work;
        }
        final String defect = defectOf(link);
        if (defect != null) {
            end(link, defect, true);
            return work + 1;
        }
        if (link.state() == NodeEndState.SERVING) {
            link.sendHeartbeat();
        }
        return work + link.sendCreditIfGrown();
    }

    private @Nullable String defectOf(final NodeEndLink link) {
        if (!inbox.hasImage(link.imageSessionId()) || !link.isConnected()) {
            return "its channel is gone";
        }
        if (link.hasBeenSilent()) {
            return "nothing heard of it for " + TimeUnit.NANOSECONDS.toMillis(rules.peerTimeoutNs()) + " ms";
        }
        return null;
    }

    private int tendOpening(final NodeEndLink link) {
        final Outbox outbox = link.outbox();
        if (link.sender() == null) {
            switch (outbox.state()) {
                case OPENING -> {
                    // Perhaps in the next turn.
                }
                case REFUSED -> {
                    end(link, "its reply channel was refused: " + outbox.refusal(), false);
                    return 1;
                }
                case OPEN -> link.opened(replies.senderOn(outbox, link.hello()));
            }
        }
        final FrameSender sender = link.sender();
        if (sender != null && sender.isConnected()) {
            if (link.resultRowsPerFrame() < 1) {
                end(link, Refusals.rowTooLarge(model.resultRowBytes(), sender.frameLimitBytes()), true);
                return 1;
            }
            link.answered();
            replies.accept(sender, link);
            return 1;
        }
        if (link.ageNs() > rules.connectTimeoutNs()) {
            end(link, "its reply channel has no listener", false);
            return 1;
        }
        return 0;
    }

    /** The one way out of a link. */
    private void end(final NodeEndLink link, final String reason, final boolean told) {
        final boolean served = link.state() == NodeEndState.SERVING;
        link.end(reason);
        links.remove(link);
        linksById.remove(link.linkId());
        assembler.forget(link.imageSessionId());
        if (parts.lifelines() != null) {
            parts.lifelines().revoke(link.lifelineProof());
        }
        if (told) {
            parts.log().routerEnded(link.routerId(), reason);
        }
        if (served) {
            counters.increment(TransportCounter.LINKS_LOST);
            requireListener().onLinkDown(link, reason);
        }
    }

    @Override
    public void endStalled(final RouterLink link) {
        final NodeEndLink own = linksById.get(link.linkId());
        if (own != null) {
            end(own, "it takes no results", true);
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
    public FrameFilter gate() {
        return parts.gate();
    }

    /** Rows held for routers now. */
    public int heldRows() {
        int sum = 0;
        for (final NodeEndLink link : links) {
            sum += link.credit().heldRows();
        }
        return sum;
    }

    @Override
    public void close() {
        for (final NodeEndLink link : links) {
            link.flushNacks();
            link.end("the node's end is closed");
        }
        links.clear();
        linksById.clear();
        refused.close();
        inbox.close();
        if (parts.lifelines() != null) {
            // After the goodbyes, which say the same more kindly.
            parts.lifelines().close();
        }
    }
}
