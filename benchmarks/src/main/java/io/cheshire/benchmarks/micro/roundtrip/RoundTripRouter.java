package io.cheshire.benchmarks.micro.roundtrip;

import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * The router's half of one layer: shards go to both nodes in turn, and the layer is done when every result is
 * copied in. One thread.
 */
final class RoundTripRouter implements ExpertTransport.Listener {
    private static final long CONNECT_NS = TimeUnit.SECONDS.toNanos(30);

    private final ExpertTransport transport;
    private final IntSupplier others;
    private final IdleStrategy idle;
    private final List<Shard> shards = new ArrayList<>();
    private final Set<Integer> ready = new HashSet<>();
    private final int maxRows;
    private final long resultRowBytes;
    private final MemorySegment laneRows;
    private final MemorySegment results;
    private long nextShardId = 1;
    private int missingRows;

    /**
     * @param others  what shares this thread
     * @param idle    for when nobody has work
     * @param hidden  width of a row
     * @param maxRows the most rows of a shard
     */
    RoundTripRouter(
            final ExpertTransport transport,
            final IntSupplier others,
            final IdleStrategy idle,
            final int hidden,
            final int maxRows) {
        this.maxRows = maxRows;
        final ModelIdentity identity = NodeHost.identity(hidden);
        resultRowBytes = identity.resultRowBytes();
        this.transport = transport;
        this.others = others;
        this.idle = idle;
        laneRows = Arena.ofAuto().allocate((long) maxRows * identity.rowBytes(), 64);
        results = Arena.ofAuto().allocate((long) NodeHost.NODES * maxRows * resultRowBytes, 64);
        for (int unit = 0; unit < NodeHost.UNITS; unit++) {
            final Shard shard = new Shard();
            shard.nodeId = unit % NodeHost.NODES;
            shard.expert = unit;
            shard.rows = new int[maxRows];
            for (int row = 0; row < maxRows; row++) {
                shard.rows[row] = row;
            }
            shards.add(shard);
        }
    }

    /** Connects and waits for the handshakes. */
    void connect(final List<NodeEndpoint> endpoints) {
        endpoints.forEach(transport::connect);
        final long deadlineNs = System.nanoTime() + CONNECT_NS;
        while (ready.size() < endpoints.size()) {
            turn();
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("the nodes can't be reached on " + endpoints);
            }
        }
    }

    /** One layer of so many shards of so many rows, there and back; answers how long it took. */
    long layer(final int shardCount, final int rowCount) {
        final long beginNs = System.nanoTime();
        missingRows = shardCount * rowCount;
        for (final Shard shard : shards.subList(0, shardCount)) {
            shard.shardId = nextShardId++;
            shard.rowCount = rowCount;
            shard.rowsSent = 0;
            while (transport.dispatch(shard, laneRows) != SendOutcome.SENT) {
                turn();
            }
        }
        while (missingRows > 0) {
            turn();
        }
        return System.nanoTime() - beginNs;
    }

    private void turn() {
        idle.idle(transport.doWork(System.nanoTime(), this) + others.getAsInt());
    }

    @Override
    public void onResult(
            final int nodeId,
            final long shardId,
            final int attempt,
            final int layer,
            final int firstRow,
            final int rowCount,
            final MemorySegment rows,
            final long queueNs,
            final long computeNs) {
        final long at = ((long) nodeId * maxRows + firstRow) * resultRowBytes;
        MemorySegment.copy(rows, 0, results, at, rowCount * resultRowBytes);
        missingRows -= rowCount;
    }

    @Override
    public void onNack(final int nodeId, final long shardId, final int attempt, final NackReason reason) {
        throw new IllegalStateException("node " + nodeId + " refuses: " + reason);
    }

    @Override
    public void onNodeReady(final int nodeId, final long incarnation) {
        ready.add(nodeId);
    }

    @Override
    public void onNodeLost(final int nodeId, final long incarnation, final String reason) {
        throw new IllegalStateException("node " + nodeId + " is lost: " + reason);
    }
}
