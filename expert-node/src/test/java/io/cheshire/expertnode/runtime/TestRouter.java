package io.cheshire.expertnode.runtime;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The least router: dispatches shards, keeps what comes back, sends again what is nacked, and notes everything that
 * must not happen.
 */
final class TestRouter implements ExpertTransport.Listener {
    private final NodeCluster cluster;
    final ExpertTransport transport;
    final Map<Integer, Long> ready = new HashMap<>();
    final List<String> lost = new ArrayList<>();
    final List<String> suspected = new ArrayList<>();
    int recoveries;
    final List<NackReason> nacks = new ArrayList<>();
    final Map<Long, Open> open = new HashMap<>();
    final ArrayDeque<Open> unsent = new ArrayDeque<>();
    final List<String> defects = new ArrayList<>();
    boolean retries = true;
    /** Shards without an answer for so long go out again; 0 for never. */
    long resendAfterNs;

    long ignored;
    long rowsAnswered;
    private long nextShardId = 1;

    /** A shard on its way. */
    static final class Open {
        final Shard shard = new Shard();
        final ExpertKey key;
        final MemorySegment rows;
        final MemorySegment expected;
        final BitSet received = new BitSet();
        long sentNs;

        Open(final ExpertKey key, final MemorySegment rows, final MemorySegment expected) {
            this.key = key;
            this.rows = rows;
            this.expected = expected;
        }
    }

    TestRouter(final NodeCluster cluster, final ExpertTransport transport) {
        this.cluster = cluster;
        this.transport = transport;
    }

    /** Queues a shard of random rows. */
    void send(final int nodeId, final ExpertKey key, final int rowCount, final SplittableRandom random) {
        final int rowBytes = cluster.hidden * cluster.precision.rowDtype().bytes();
        final MemorySegment rows = cluster.allocate((long) rowCount * rowBytes);
        for (long i = 0; i < (long) rowCount * cluster.hidden; i++) {
            final float value = (float) random.nextDouble(-2, 2);
            if (cluster.precision.rowDtype() == Dtype.F32) {
                rows.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
            } else {
                rows.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (Float.floatToRawIntBits(value) >>> 16));
            }
        }
        final Open entry = new Open(key, rows, cluster.direct(key, rows, rowCount));
        final Shard shard = entry.shard;
        shard.shardId = nextShardId++;
        shard.layer = key.layer();
        shard.expert = key.expert();
        shard.nodeId = nodeId;
        shard.rowCount = rowCount;
        shard.rows = new int[rowCount];
        for (int i = 0; i < rowCount; i++) {
            shard.rows[i] = i;
        }
        open.put(shard.shardId, entry);
        unsent.add(entry);
    }

    void doWork() {
        transport.doWork(System.nanoTime(), this);
        while (!unsent.isEmpty()) {
            final SendOutcome outcome = transport.dispatch(unsent.element().shard, unsent.element().rows);
            if (outcome != SendOutcome.SENT) {
                break;
            }
            unsent.remove().sentNs = System.nanoTime();
        }
        if (resendAfterNs > 0) {
            final long sinceNs = System.nanoTime() - resendAfterNs;
            for (final Open entry : open.values()) {
                if (!unsent.contains(entry) && entry.sentNs - sinceNs < 0) {
                    again(entry);
                }
            }
        }
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
        final Open entry = open.get(shardId);
        if (entry == null || entry.shard.attempt != attempt || entry.shard.nodeId != nodeId) {
            ignored++;
            return;
        }
        if (entry.received.get(firstRow)) {
            ignored++;
            return;
        }
        final long rowBytes = (long) cluster.hidden * Float.BYTES;
        if (rows.mismatch(entry.expected.asSlice(firstRow * rowBytes, rowCount * rowBytes)) != -1) {
            defects.add("rows " + firstRow + ".. of shard " + shardId + " differ");
        }
        entry.received.set(firstRow, firstRow + rowCount);
        rowsAnswered += rowCount;
        if (entry.received.cardinality() == entry.shard.rowCount) {
            open.remove(shardId);
        }
    }

    @Override
    public void onNack(final int nodeId, final long shardId, final int attempt, final NackReason reason) {
        final Open entry = open.get(shardId);
        if (entry == null || entry.shard.attempt != attempt) {
            ignored++;
            return;
        }
        nacks.add(reason);
        if (retries) {
            again(entry);
        } else {
            open.remove(shardId);
        }
    }

    void again(final Open entry) {
        entry.shard.attempt++;
        entry.shard.rowsSent = 0;
        entry.received.clear();
        if (!unsent.contains(entry)) {
            unsent.add(entry);
        }
    }

    @Override
    public void onNodeReady(final int nodeId, final long incarnation) {
        ready.put(nodeId, incarnation);
    }

    @Override
    public void onNodeSuspected(final int nodeId, final String reason) {
        suspected.add(reason);
    }

    @Override
    public void onNodeRecovered(final int nodeId) {
        recoveries++;
    }

    @Override
    public void onNodeLost(final int nodeId, final long incarnation, final String reason) {
        ready.remove(nodeId);
        lost.add(reason);
    }

    void close() {
        transport.close();
    }
}
