package io.cheshire.transport.runtime;

import io.aeron.Aeron;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.FragmentHandler;
import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.core.HandshakeJudge;
import io.cheshire.transport.core.HelloLedger;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.core.RateLimit;
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
import io.cheshire.transport.runtime.lifeline.LifelineServer;
import io.cheshire.transport.sbe.DispatchDecoder;
import io.cheshire.transport.sbe.GoodbyeDecoder;
import io.cheshire.transport.sbe.HeartbeatDecoder;
import io.cheshire.transport.sbe.HelloDecoder;
import io.cheshire.transport.sbe.HelloStatus;
import io.cheshire.transport.sbe.MessageHeaderDecoder;
import io.cheshire.transport.sbe.Side;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's end of the data plane over Aeron: one subscription on which all routers dispatch, one exclusive publication back
 * to each of them. Refused ones are {@link RefusedRouters}'. The node's thread only.
 */
public final class AeronRouterLinks implements RouterLinks {
    private static final Logger LOG = LoggerFactory.getLogger(AeronRouterLinks.class);

    private final NodeEndpoint self;
    private final ModelIdentity model;
    private final TransportConfig config;
    private final Subscription subscription;
    private final FrameGate gate;
    private final FrameAssembler assembler;
    private final HandshakeJudge judge;
    private final HelloLedger ledger = new HelloLedger();
    /** Each opens a channel: routers that all come back at once need one each, and some tries. */
    private final RateLimit handshakesAllowed;

    private final HandshakeCodec handshakes;
    private final FrameWriter writer = new FrameWriter();
    private final TransportCounters counters = new TransportCounters();
    private final ObservedClock clock;
    private final SecureRandom random = new SecureRandom();
    private final HelloReplies replies;
    private final RefusedRouters refused;

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final DispatchDecoder dispatch = new DispatchDecoder();
    private final HeartbeatDecoder heartbeat = new HeartbeatDecoder();
    /** In this duty cycle: they are no work, or they would keep an idle thread awake. */
    private int heartbeats;

    private final Long2ObjectHashMap<AeronRouterLink> linksById = new Long2ObjectHashMap<>();
    private final List<AeronRouterLink> links = new ArrayList<>();
    private final FragmentHandler fragments;
    private final FrameAssembler.Sink frames = this::onFrame;
    private @Nullable Listener listener;
    private final @Nullable LifelineServer lifelines;

    /** As below, for a node in its routers' process. */
    public AeronRouterLinks(
            final Aeron aeron, final NodeEndpoint self, final ModelIdentity model, final TransportConfig config) {
        this(aeron, self, model, config, null);
    }

    /**
     * @param aeron     the process's client; must outlive this
     * @param self      who this node is and where it listens
     * @param model     what both ends must have in common
     * @param lifelines the node's end of its routers' lifelines, closed with this; null: it has none
     */
    public AeronRouterLinks(
            final Aeron aeron,
            final NodeEndpoint self,
            final ModelIdentity model,
            final TransportConfig config,
            final @Nullable LifelineServer lifelines) {
        this.lifelines = lifelines;
        this.self = self;
        this.model = model;
        this.config = config;
        final boolean checksum = config.checksumOn(self.channel());
        this.gate = new FrameGate(
                new FrameLimits(model, config.windowRows(), FrameLimits.MAX_FRAME_BYTES, checksum), Side.NODE);
        this.assembler = new FrameAssembler(FrameLimits.MAX_FRAME_BYTES);
        this.judge = new HandshakeJudge(self, model);
        this.handshakesAllowed = new RateLimit(4 * config.maxRouters(), TimeUnit.SECONDS.toNanos(1));
        this.handshakes = new HandshakeCodec(new FrameSeal(checksum), config.secret());
        this.replies = new HelloReplies(aeron, self, model, config, handshakes);
        this.refused = new RefusedRouters(self.nodeId(), replies, counters);
        this.clock = new ObservedClock(config.heartbeatIntervalNs());
        this.fragments = (buffer, offset, length, fragmentHeader) -> assembler.onFragment(
                fragmentHeader.sessionId(), fragmentHeader.flags(), buffer, offset, length, frames);
        this.subscription =
                Channels.listen(aeron, self.channel(), self.streamId(), image -> assembler.forget(image.sessionId()));
    }

    @Override
    public int doWork(final long nowNs, final Listener newListener) {
        listener = newListener;
        final long observedNs = clock.advance(nowNs);
        heartbeats = 0;
        int work = subscription.poll(fragments, config.pollLimit()) - heartbeats;
        counters.set(TransportCounter.FRAGMENTS_DROPPED, assembler.droppedFrames());
        for (int i = links.size() - 1; i >= 0; i--) {
            work += tend(links.get(i), observedNs);
        }
        return work + refused.doWork(observedNs);
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
        final AeronRouterLink link = linksById.get(FrameLayout.linkId(buffer, offset));
        if (link == null || link.imageSessionId != sessionId || FrameLayout.nodeId(buffer, offset) != self.nodeId()) {
            counters.increment(TransportCounter.STALE_FRAMES);
            return;
        }
        switch (link.guard.check(buffer, offset, length)) {
            case GENUINE -> onGenuine(template, link, buffer, offset);
            case FORGED -> counters.increment(TransportCounter.FRAMES_FORGED);
            case REPLAYED -> counters.increment(TransportCounter.FRAMES_REPLAYED);
        }
    }

    private void onGenuine(
            final int template, final AeronRouterLink link, final DirectBuffer buffer, final int offset) {
        announce(link);
        link.lastHeardNs = clock.nowNs();
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
                link.heardBeat = Math.max(link.heardBeat, heartbeat.beat());
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
        final AeronRouterLink link = linksById.get(FrameLayout.linkId(buffer, offset));
        // Where frames carry MACs, one that failed may be anybody's.
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
        final Hello asked = handshakes.decodeHello(buffer, offset);
        final Hello hello = answerable(asked, sessionId, handshakes.isHelloSigned(buffer, offset, length));
        if (hello == null) {
            return;
        }
        final AeronRouterLink previous = linkOf(hello.routerId());
        final HelloStatus status = judge.judge(hello, true, previous != null || links.size() < config.maxRouters());
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
        if (config.secret() != null) {
            return hello;
        }
        final Image image = subscription.imageBySessionId(sessionId);
        final String channel = image == null
                ? null
                : ReplyChannels.toSender(hello.replyChannel(), self.channel(), image.sourceIdentity());
        if (channel == null) {
            refused.leaveUnanswered(
                    hello,
                    "asks for an answer on " + hello.replyChannel() + ", which isn't where it came from ("
                            + (image == null ? "gone" : image.sourceIdentity())
                            + "): without a cheshire.transport.secret answers go to the sender's address only",
                    clock.nowNs());
        }
        return channel == null ? null : hello.answeredOn(channel);
    }

    private @Nullable AeronRouterLink linkOf(final int routerId) {
        for (final AeronRouterLink link : links) {
            if (link.routerId() == routerId) {
                return link;
            }
        }
        return null;
    }

    private void accept(final Hello hello, final int sessionId) {
        ledger.accept(hello);
        counters.increment(TransportCounter.HANDSHAKES_ACCEPTED);
        final AeronRouterLink link =
                new AeronRouterLink(self.nodeId(), drawLinkId(), hello, sessionId, model, config, writer, counters);
        link.registrationId = replies.open(hello);
        assembler.expect(sessionId);
        if (lifelines != null) {
            lifelines.allow(link.lifelineProof());
        }
        link.openedNs = clock.nowNs();
        link.lastHeardNs = clock.nowNs();
        links.add(link);
        linksById.put(link.linkId, link);
    }

    private long drawLinkId() {
        long linkId = random.nextLong();
        while (linkId == 0 || linksById.containsKey(linkId)) {
            linkId = random.nextLong();
        }
        return linkId;
    }

    private void answerAgain(final @Nullable AeronRouterLink link) {
        if (link != null && link.sender != null) {
            replies.accept(link.sender, link);
        }
    }

    private int tend(final AeronRouterLink link, final long observedNs) {
        if (link.sender == null) {
            return tendOpening(link, observedNs);
        }
        if (link.nackOverrun) {
            end(link, "it takes no answers", true);
            return 1;
        }
        int work = link.flushNacks();
        if (observedNs - link.nextHeartbeatNs < 0) {
            return work;
        }
        link.nextHeartbeatNs = observedNs + config.heartbeatIntervalNs();
        final String defect = defectOf(link, link.sender, observedNs);
        if (defect != null) {
            end(link, defect, true);
            return work + 1;
        }
        if (link.announced) {
            link.sendHeartbeat();
        }
        return work + link.sendCreditIfGrown();
    }

    private @Nullable String defectOf(final AeronRouterLink link, final FrameSender sender, final long observedNs) {
        if (subscription.imageBySessionId(link.imageSessionId) == null || !sender.isConnected()) {
            return "its channel is gone";
        }
        if (observedNs - link.lastHeardNs > config.peerTimeoutNs()) {
            return "nothing heard of it for " + TimeUnit.NANOSECONDS.toMillis(config.peerTimeoutNs()) + " ms";
        }
        return null;
    }

    private int tendOpening(final AeronRouterLink link, final long observedNs) {
        try {
            final FrameSender sender = replies.poll(link.registrationId, link.hello);
            if (sender != null && sender.isConnected()) {
                link.open(sender);
                if (link.resultRowsPerFrame() < 1) {
                    end(link, Refusals.rowTooLarge(model.resultRowBytes(), sender.frameLimitBytes()), true);
                    return 1;
                }
                link.nextHeartbeatNs = observedNs + config.heartbeatIntervalNs();
                replies.accept(sender, link);
                return 1;
            }
        } catch (final AeronException cause) {
            end(link, "its reply channel was refused: " + cause.getMessage(), false);
            return 1;
        }
        if (observedNs - link.openedNs > config.connectTimeoutNs()) {
            end(link, "its reply channel has no listener", false);
            return 1;
        }
        return 0;
    }

    private void announce(final AeronRouterLink link) {
        if (!link.announced) {
            link.announced = true;
            LOG.info("node {} serves router {}", self.nodeId(), link.routerId());
            requireListener().onLinkUp(link);
        }
    }

    /** The one way out of a link. */
    private void end(final AeronRouterLink link, final String reason, final boolean logged) {
        link.sendGoodbye();
        link.ended = true;
        links.remove(link);
        linksById.remove(link.linkId);
        assembler.forget(link.imageSessionId);
        if (lifelines != null) {
            lifelines.revoke(link.lifelineProof());
        }
        replies.close(link.sender, link.registrationId);
        if (logged) {
            LOG.info("node {} no longer serves router {}: {}", self.nodeId(), link.routerId(), reason);
        }
        if (link.announced) {
            counters.increment(TransportCounter.LINKS_LOST);
            requireListener().onLinkDown(link, reason);
        }
    }

    @Override
    public void endStalled(final RouterLink link) {
        final AeronRouterLink own = linksById.get(link.linkId());
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
    public FrameGate gate() {
        return gate;
    }

    @Override
    public void close() {
        for (final AeronRouterLink link : links) {
            link.flushNacks();
            link.sendGoodbye();
            link.ended = true;
            replies.close(link.sender, link.registrationId);
        }
        links.clear();
        linksById.clear();
        refused.close();
        subscription.close();
        if (lifelines != null) {
            // After the goodbyes, which say the same more kindly.
            lifelines.close();
        }
    }
}
