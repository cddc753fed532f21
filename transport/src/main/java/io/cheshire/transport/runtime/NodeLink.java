package io.cheshire.transport.runtime;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.exceptions.AeronException;
import io.cheshire.transport.core.LinkGuard;
import io.cheshire.transport.core.LinkPulse;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.protocol.ClusterSecret;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.FrameWriter;
import io.cheshire.transport.protocol.HelloAnswer;
import io.cheshire.transport.protocol.LinkKeys;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import io.cheshire.transport.runtime.lifeline.Lifeline;
import io.cheshire.transport.sbe.Side;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A router's connection to one node: its state and what is sent on it. {@link AeronExpertTransport} drives it on the engine thread.
 *
 * <pre>
 *   OPENING --publication there--> GREETING --accepted--> UP --lost, Goodbye--> WAITING --reconnect interval--> OPENING
 *      |                              |
 *      +-- error --> WAITING          +--refused--> ENDED --connect again--> OPENING
 * </pre>
 */
final class NodeLink {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLink.class);
    /** Cuts of a lifeline whose node then answered: so often the network is believed once more. */
    private static final int MAX_FALSE_CUTS = 3;

    enum State {
        /** Waits for the media driver to make the publication. */
        OPENING,
        /** Sends Hello until it is answered. */
        GREETING,
        /** Takes shards. */
        UP,
        /** Lost or said goodbye; will be tried again. */
        WAITING,
        /** Refused: tried again only when asked to. */
        ENDED
    }

    final NodeEndpoint endpoint;
    final NodeCredit credit = new NodeCredit();
    final LinkPulse pulse;
    /** Of what the node sends on the link that is up. */
    LinkGuard guard = new LinkGuard(null);

    State state = State.WAITING;

    @Nullable
    FrameSender sender;

    long linkId;
    int windowRows;
    long sequence;
    /** Session of the image that the node answered on; 0 while unknown. */
    int imageSessionId;
    /** Whether the listener knows that the node is away. */
    boolean reportedLost;

    long stateSinceNs;
    long lastHeardNs;
    long nextHelloNs;
    long nextHeartbeatNs;

    private final int routerId;
    private final ModelIdentity model;
    private final TransportConfig config;
    private final FrameWriter writer;
    private final TransportCounters counters;
    private final UnsafeBuffer rowView = new UnsafeBuffer(0, 0);
    private long registrationId;
    private @Nullable Lifeline lifeline;
    private long lifelineProof;
    private int cuts;

    NodeLink(
            final NodeEndpoint endpoint,
            final int routerId,
            final ModelIdentity model,
            final TransportConfig config,
            final FrameWriter writer,
            final TransportCounters counters) {
        this.endpoint = endpoint;
        this.pulse = new LinkPulse(config.suspectAfterNs());
        this.routerId = routerId;
        this.model = model;
        this.config = config;
        this.writer = writer;
        this.counters = counters;
    }

    void enter(final State newState, final long observedNs) {
        state = newState;
        stateSinceNs = observedNs;
    }

    /** Asks the media driver for a publication. */
    void open(final Aeron aeron, final long observedNs) {
        registrationId = aeron.asyncAddExclusivePublication(
                Channels.forPublication(endpoint.channel(), config), endpoint.streamId());
        enter(State.OPENING, observedNs);
    }

    /**
     * Looks whether the publication is there.
     *
     * @throws AeronException when the media driver refuses it
     */
    boolean pollOpening(final Aeron aeron, final FrameSender.@Nullable Tap tap) {
        final ExclusivePublication publication = aeron.getExclusivePublication(registrationId);
        if (publication == null) {
            return false;
        }
        sender = new FrameSender(
                publication,
                new FrameSeal(config.checksumOn(endpoint.channel())),
                FrameLayout.ROWS_OFFSET + model.rowBytes(),
                config.maxFrameBytes(),
                tap);
        return true;
    }

    /** Goes on where the last call with this shard stopped; see {@link ExpertTransport#dispatch}. */
    SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        final FrameSender currentSender = sender;
        if (state != State.UP || currentSender == null) {
            return SendOutcome.NOT_CONNECTED;
        }
        if (shard.rowsSent == 0) {
            if (shard.rowCount > windowRows) {
                return SendOutcome.TOO_LARGE;
            }
            if (shard.rowCount > credit.available()) {
                return SendOutcome.NO_CREDIT;
            }
        }
        final int rowsPerFrame = rowsPerFrame(currentSender);
        while (shard.rowsSent < shard.rowCount) {
            final int rowCount = Math.min(rowsPerFrame, shard.rowCount - shard.rowsSent);
            final SendOutcome outcome = sendRows(currentSender, shard, rowCount, laneRows);
            if (outcome != SendOutcome.SENT) {
                counters.increment(TransportCounter.BACK_PRESSURE);
                return outcome;
            }
        }
        return SendOutcome.SENT;
    }

    int rowsPerFrame(final FrameSender currentSender) {
        return (currentSender.frameLimitBytes() - FrameLayout.ROWS_OFFSET) / model.rowBytes();
    }

    private SendOutcome sendRows(
            final FrameSender currentSender, final Shard shard, final int rowCount, final MemorySegment laneRows) {
        final int rowBytes = model.rowBytes();
        final SendOutcome room = currentSender.begin(FrameLayout.ROWS_OFFSET + rowCount * rowBytes);
        if (room != SendOutcome.SENT) {
            return room;
        }
        final boolean first = shard.rowsSent == 0;
        final long dispatchedRows = credit.dispatchedRows() + (first ? shard.rowCount : 0);
        writer.dispatch(
                currentSender.buffer(),
                currentSender.offset(),
                linkId,
                routerId,
                shard,
                rowCount,
                dispatchedRows,
                model.rowDtype());
        int at = currentSender.offset() + FrameLayout.ROWS_OFFSET;
        for (int i = 0; i < rowCount; i++) {
            // By row, since all rows of a lane may be more than an int counts.
            final long rowAt = (long) shard.rows[shard.rowsSent + i] * rowBytes;
            Objects.checkFromIndexSize(rowAt, rowBytes, laneRows.byteSize());
            rowView.wrap(laneRows.address() + rowAt, rowBytes);
            currentSender.buffer().putBytes(at, rowView, 0, rowBytes);
            at += rowBytes;
        }
        final SendOutcome outcome = currentSender.commit();
        if (outcome == SendOutcome.SENT) {
            if (first) {
                credit.take(shard.rowCount);
            }
            shard.rowsSent += rowCount;
            counters.increment(TransportCounter.ROW_FRAMES_SENT);
        }
        return outcome;
    }

    /** The handshake made a link: takes its names, its credit and, where frames carry MACs, its keys. */
    void accept(final HelloAnswer answer, final long observedNs) {
        linkId = answer.linkId();
        windowRows = answer.windowRows();
        credit.reset(answer.creditLimit());
        guard = new LinkGuard(null);
        lifelineProof = linkId;
        final ClusterSecret secret = config.secret();
        final FrameSender currentSender = sender;
        if (config.frameMac() && secret != null && currentSender != null) {
            final LinkKeys keys = secret.keys(answer);
            guard = new LinkGuard(keys.toRouter());
            currentSender.authenticate(keys.toNode());
            lifelineProof = keys.lifelineProof();
        }
        lastHeardNs = observedNs;
        nextHeartbeatNs = observedNs;
        pulse.reset(observedNs);
        reportedLost = false;
        enter(State.UP, observedNs);
    }

    /** From now on the end of the node's process shows at once, where it has a lifeline and isn't held yet. */
    void holdLifeline(final long observedNs) {
        if (lifeline == null && config.lifelines() && !endpoint.lifeline().isEmpty() && cuts < MAX_FALSE_CUTS) {
            try {
                lifeline = Lifeline.to(endpoint, lifelineProof, config.connectTimeoutNs(), observedNs);
            } catch (final IOException cause) {
                LOG.warn(
                        "no lifeline to expert node {}, which goes by heartbeats: {}",
                        endpoint.nodeId(),
                        cause.toString());
            }
        }
    }

    /** True once for each lifeline that was cut; the next is held when the node answers after all. */
    boolean takeLifelineCut(final long observedNs) {
        final Lifeline current = lifeline;
        if (current == null || !current.isCut(observedNs)) {
            return false;
        }
        lifeline = null;
        cuts++;
        if (cuts == MAX_FALSE_CUTS) {
            LOG.warn(
                    "lifelines to expert node {} were cut {} times; from now on its heartbeats alone say whether it lives",
                    endpoint.nodeId(),
                    cuts);
        }
        return true;
    }

    void sendHeartbeat() {
        final FrameSender currentSender = sender;
        if (currentSender != null && currentSender.begin(FrameWriter.HEARTBEAT_BYTES) == SendOutcome.SENT) {
            writer.heartbeat(
                    currentSender.buffer(),
                    currentSender.offset(),
                    endpoint.nodeId(),
                    linkId,
                    Side.ROUTER,
                    0,
                    credit.dispatchedRows(),
                    pulse.nextBeat());
            if (currentSender.commit() == SendOutcome.SENT) {
                pulse.sent();
            }
        }
    }

    void sendGoodbye() {
        final FrameSender currentSender = sender;
        if (state == State.UP
                && currentSender != null
                && currentSender.begin(FrameWriter.GOODBYE_BYTES) == SendOutcome.SENT) {
            writer.goodbye(currentSender.buffer(), currentSender.offset(), endpoint.nodeId(), linkId, Side.ROUTER);
            currentSender.commit();
        }
    }

    void close(final Aeron aeron) {
        if (sender != null) {
            sender.close();
            sender = null;
        } else if (state == State.OPENING) {
            aeron.asyncRemovePublication(registrationId);
        }
        linkId = 0;
        imageSessionId = 0;
        if (lifeline != null) {
            lifeline.close();
            lifeline = null;
        }
    }
}
