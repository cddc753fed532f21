package io.cheshire.transport.core.link;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.core.RouterLink;
import io.cheshire.transport.core.RouterLinks;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.Fingerprint;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.RouterIdentity;
import io.cheshire.transport.protocol.Shard;
import io.cheshire.transport.sbe.DispatchDecoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One router's end and one node's end over a {@link TestWire}, on a clock that the test turns; notes what both tell.
 */
final class LinkRig implements ExpertTransport.Listener, RouterLinks.Listener {
    static final long MS = 1_000_000L;
    static final int ROUTER_STREAM = 7;
    static final int NODE_STREAM = 8;
    static final ModelIdentity MODEL = new ModelIdentity(new Fingerprint(1, 2, 3, 4), 1, 2, 8, Dtype.F32);
    static final NodeEndpoint NODE = new NodeEndpoint(3, 33, Channels.IPC, NODE_STREAM, "127.0.0.1:9");

    final TestWire wire = new TestWire();
    final List<String> moves = new ArrayList<>();
    final List<String> heard = new ArrayList<>();
    final List<RouterLink> links = new ArrayList<>();
    final RouterEnd router;
    final NodeEnd node;
    private final MemorySegment rows = Arena.ofAuto().allocate(64L * MODEL.rowBytes(), 64);
    /** A monotonic clock may count from anywhere. */
    private long nowNs = -1_000 * MS;

    private long sequences = 100;
    private long linkIds = 1000;
    /** Run when the router hears that a node is lost. */
    @Nullable
    Runnable onLost;

    LinkRig(final LinkRules rules) {
        this(rules, MODEL, MODEL);
    }

    /** Ends that have been told of different models. */
    LinkRig(final LinkRules rules, final ModelIdentity atRouter, final ModelIdentity atNode) {
        final RouterIdentity identity = new RouterIdentity(1, 11, Channels.IPC, ROUTER_STREAM);
        router = new RouterEnd(
                wire,
                identity,
                atRouter,
                rules,
                RouterEnd.Parts.of(identity, atRouter, rules, () -> sequences += 1000, new RouterEndLog() {
                    @Override
                    public void moved(
                            final int nodeId, final RouterEndState from, final RouterEndState to, final String reason) {
                        moves.add("router " + from + " > " + to);
                    }

                    @Override
                    public void lifelinesDistrusted(final int nodeId, final int cuts) {
                        heard.add("lifelines distrusted");
                    }
                }));
        node = new NodeEnd(
                wire,
                NODE,
                atNode,
                rules,
                NodeEnd.Parts.of(NODE, atNode, rules, () -> linkIds++, null, new NodeEndLog() {
                    @Override
                    public void moved(
                            final int routerId, final NodeEndState from, final NodeEndState to, final String reason) {
                        moves.add("node " + from + " > " + to);
                    }
                }));
    }

    static LinkRules rules(final int windowRows) {
        return new LinkRules(
                null,
                false,
                true,
                true,
                windowRows,
                2,
                10 * MS,
                40 * MS,
                true,
                200 * MS,
                20 * MS,
                100 * MS,
                50 * MS,
                64);
    }

    /** Both ends turn, a millisecond each time. */
    void turn(final long ms) {
        for (long i = 0; i < ms; i++) {
            turnRouter(1);
            node.doWork(nowNs, this);
        }
    }

    void turnRouter(final long ms) {
        for (long i = 0; i < ms; i++) {
            nowNs += MS;
            router.doWork(nowNs, this);
        }
    }

    /** Until the router has just sent a heartbeat. */
    void turnUntilBeat() {
        wire.arrivedOn(NODE_STREAM).clear();
        while (wire.arrivedOn(NODE_STREAM).isEmpty()) {
            turnRouter(1);
        }
    }

    void turnNode(final long ms) {
        for (long i = 0; i < ms; i++) {
            nowNs += MS;
            node.doWork(nowNs, this);
        }
    }

    /** Connects, until both ends use the link. */
    void connect() {
        router.connect(NODE);
        turn(20);
    }

    Shard shard(final long shardId, final int rowCount) {
        final Shard shard = new Shard();
        shard.shardId = shardId;
        shard.nodeId = NODE.nodeId();
        shard.rowCount = rowCount;
        for (int i = 0; i < rowCount; i++) {
            shard.rows[i] = i;
        }
        return shard;
    }

    MemorySegment rows() {
        return rows;
    }

    /** The channel from node to router that was opened last, or the other way round. */
    TestWire.TestOutbox lastOutbox() {
        return wire.outboxes.getLast();
    }

    @Override
    public void onResult(
            final int nodeId,
            final long shardId,
            final int attempt,
            final int layer,
            final int firstRow,
            final int rowCount,
            final MemorySegment resultRows,
            final long queueNs,
            final long computeNs) {
        heard.add("result " + shardId);
    }

    @Override
    public void onNack(final int nodeId, final long shardId, final int attempt, final NackReason reason) {
        heard.add("nack " + shardId);
    }

    @Override
    public void onNodeReady(final int nodeId, final long incarnation) {
        heard.add("ready");
    }

    @Override
    public void onNodeSuspected(final int nodeId, final String reason) {
        heard.add("suspect: " + reason);
    }

    @Override
    public void onNodeRecovered(final int nodeId) {
        heard.add("recovered");
    }

    @Override
    public void onNodeLost(final int nodeId, final long incarnation, final String reason) {
        heard.add("lost: " + reason);
        if (onLost != null) {
            onLost.run();
        }
    }

    @Override
    public void onDispatch(
            final RouterLink link, final DispatchDecoder frame, final DirectBuffer buffer, final int rowsOffset) {
        heard.add("dispatch " + frame.shardId());
        link.credit().hold(frame.rowCount());
    }

    @Override
    public void onLinkUp(final RouterLink link) {
        links.add(link);
    }

    @Override
    public void onLinkDown(final RouterLink link, final String reason) {
        heard.add("link down: " + reason);
    }
}
