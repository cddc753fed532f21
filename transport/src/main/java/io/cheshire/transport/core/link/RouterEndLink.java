package io.cheshire.transport.core.link;

import io.cheshire.transport.core.LinkGuard;
import io.cheshire.transport.core.LinkPulse;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.core.TransportCounters;
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
import java.lang.foreign.MemorySegment;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A router's connection to one node: the state, whose table is {@link RouterEndState}'s, and what belongs to it. What
 * it sends is {@link ToNode}'s; {@link RouterEnd} drives it on the engine thread.
 */
final class RouterEndLink {
    /** Cuts of a lifeline whose node then answered: so often the network is believed once more. */
    static final int MAX_FALSE_CUTS = 3;

    /** What all links of one end share. */
    record Shared(
            Wire wire,
            int routerId,
            ModelIdentity model,
            LinkRules rules,
            ObservedClock clock,
            TransportCounters counters,
            RouterEndLog log,
            FrameWriter writer) {}

    private final Shared shared;
    private final NodeEndpoint endpoint;
    private final NodeCredit credit;
    private final LinkPulse pulse;
    /** Of what the node sends on the link that is up. */
    private LinkGuard guard = new LinkGuard(null);

    private RouterEndState state = RouterEndState.WAITING;
    private long stateSinceNs;
    private @Nullable Outbox outbox;
    private @Nullable ToNode toNode;
    private @Nullable Lifeline lifeline;
    private long lifelineProof;
    private int cuts;
    private long linkId;
    private long sequence;
    private int imageSessionId;
    /** Whether the listener knows that the node is away. */
    private boolean reportedLost;

    private long lastHeardNs;
    private long nextHelloNs;
    private long nextHeartbeatNs;

    /** @param sequence the number before the first Hello's */
    RouterEndLink(final Shared shared, final NodeEndpoint endpoint, final NodeCredit credit, final long sequence) {
        this.shared = shared;
        this.endpoint = endpoint;
        this.credit = credit;
        this.sequence = sequence;
        this.pulse = new LinkPulse(shared.rules.suspectAfterNs());
    }

    NodeEndpoint endpoint() {
        return endpoint;
    }

    RouterEndState state() {
        return state;
    }

    NodeCredit credit() {
        return credit;
    }

    LinkPulse pulse() {
        return pulse;
    }

    LinkGuard guard() {
        return guard;
    }

    /** Of the last Hello. */
    long sequence() {
        return sequence;
    }

    /** Session of the image that the node answered on; 0 while unknown. */
    int imageSessionId() {
        return imageSessionId;
    }

    /** Whether it is up under this id. */
    boolean isUp(final long namedLinkId) {
        return state == RouterEndState.UP && linkId == namedLinkId;
    }

    /** The one door from state to state. */
    private void transition(final RouterEndState next, final String reason) {
        final RouterEndState before = state;
        if (!before.mayBecome(next)) {
            throw new IllegalStateException(
                    "a link to node " + endpoint.nodeId() + " went from " + before + " to " + next + ": " + reason);
        }
        state = next;
        stateSinceNs = nowNs();
        shared.log.moved(endpoint.nodeId(), before, next, reason);
    }

    /** Begins to open the channel to the node. */
    void open(final String reason) {
        outbox = shared.wire.open(
                endpoint.channel(), endpoint.streamId(), FrameLayout.ROWS_OFFSET + shared.model.rowBytes());
        transition(RouterEndState.OPENING, reason);
    }

    /** The channel that is being opened. */
    Outbox outbox() {
        final Outbox current = outbox;
        if (current == null) {
            throw new IllegalStateException("a link that is " + state + " has no channel");
        }
        return current;
    }

    /** The channel is there: what can be sent on it. */
    ToNode opened() {
        final FrameSender sender =
                new FrameSender(outbox(), new FrameSeal(shared.rules.checksumOn(endpoint.channel())));
        final ToNode made = new ToNode(
                shared.routerId, endpoint.nodeId(), shared.model, sender, shared.writer, credit, shared.counters);
        toNode = made;
        return made;
    }

    /** Hellos may be sent. */
    void greet() {
        sequence++;
        nextHelloNs = nowNs();
        transition(RouterEndState.GREETING, "its channel is there");
    }

    /** Whether the node may be greeted now, for the first time or again; who asks does so. */
    boolean takeHello() {
        if (nowNs() - nextHelloNs < 0 || !isConnected()) {
            return false;
        }
        nextHelloNs = nowNs() + shared.rules.helloIntervalNs();
        return true;
    }

    /** The handshake made a link: takes its names, its credit and, where frames carry MACs, its keys. */
    void accept(final HelloAnswer answer, final int sessionId) {
        final ClusterSecret secret = shared.rules.secret();
        final LinkKeys keys = shared.rules.frameMac() && secret != null ? secret.keys(answer) : null;
        linkId = answer.linkId();
        credit.reset(answer.windowRows(), answer.creditLimit());
        guard = new LinkGuard(keys == null ? null : keys.toRouter());
        lifelineProof = keys == null ? linkId : keys.lifelineProof();
        sending().begin(linkId, keys == null ? null : keys.toNode());
        imageSessionId = sessionId;
        lastHeardNs = nowNs();
        nextHeartbeatNs = nowNs();
        pulse.reset(nowNs());
        reportedLost = false;
        transition(RouterEndState.UP, "it accepted our Hello");
        holdLifeline();
    }

    /** From now on the end of the node's process shows at once, where it has a lifeline and isn't held yet. */
    void holdLifeline() {
        if (lifeline == null && shared.rules.lifelines() && !endpoint.lifeline().isEmpty() && cuts < MAX_FALSE_CUTS) {
            lifeline = shared.wire.hold(endpoint, lifelineProof, nowNs());
        }
    }

    /** True once for each lifeline that was cut; the next is held when the node answers after all. */
    boolean takeLifelineCut() {
        final Lifeline current = lifeline;
        if (current == null || !current.isCut(nowNs())) {
            return false;
        }
        lifeline = null;
        cuts++;
        if (cuts == MAX_FALSE_CUTS) {
            shared.log.lifelinesDistrusted(endpoint.nodeId(), cuts);
        }
        return true;
    }

    void heard() {
        lastHeardNs = nowNs();
    }

    boolean hasBeenSilent() {
        return nowNs() - lastHeardNs > shared.rules.peerTimeoutNs();
    }

    /** How long it has been in its state. */
    long ageNs() {
        return nowNs() - stateSinceNs;
    }

    /** Whether a heartbeat is due. */
    boolean isBeatDue() {
        return nowNs() - nextHeartbeatNs >= 0;
    }

    void sendHeartbeat() {
        nextHeartbeatNs = nowNs() + shared.rules.heartbeatIntervalNs();
        sending().sendHeartbeat(pulse);
    }

    void sendHello(final DirectBuffer hello, final int length) {
        sending().sendHello(hello, length);
    }

    boolean isConnected() {
        return toNode != null && toNode.isConnected();
    }

    /** See {@code ExpertTransport.dispatch}. */
    SendOutcome dispatch(final Shard shard, final MemorySegment laneRows) {
        final ToNode current = toNode;
        return state != RouterEndState.UP || current == null
                ? SendOutcome.NOT_CONNECTED
                : current.dispatch(shard, laneRows);
    }

    /**
     * Lets go of the channel and the lifeline.
     *
     * @return true once for each time that the node is lost: the listener doesn't know yet
     */
    boolean end(final RouterEndState next, final String reason) {
        if (next == RouterEndState.CLOSED && state == RouterEndState.UP) {
            sending().sendGoodbye();
        }
        if (outbox != null) {
            outbox.close();
            outbox = null;
            toNode = null;
        }
        if (lifeline != null) {
            lifeline.close();
            lifeline = null;
        }
        linkId = 0;
        imageSessionId = 0;
        transition(next, reason);
        final boolean newly = !reportedLost;
        reportedLost = true;
        return newly;
    }

    private ToNode sending() {
        final ToNode current = toNode;
        if (current == null) {
            throw new IllegalStateException("a link that is " + state + " has no channel");
        }
        return current;
    }

    private long nowNs() {
        return shared.clock.nowNs();
    }
}
