package io.cheshire.router.core.exchange;

import io.cheshire.transport.protocol.Shard;
import java.util.Arrays;

/** A shard between its making and its last result, with what the exchange remembers about it. Pooled. */
final class OpenShard {
    final Shard shard = new Shard();
    /** Rows of the current attempt that have arrived, one bit each. */
    private long[] arrived = new long[1];

    int rowsArrived;
    /** Waits to be sent, wholly or in part. */
    boolean pending;
    /** The channel has begun on it: the node is settled for this attempt. */
    boolean begun;

    int refusals;
    int computeFailures;
    long notBeforeNs;
    /** Whether {@link #notBeforeNs} holds. */
    boolean backingOff;

    void begin(final long shardId, final int lane, final long step, final int layer, final int expert) {
        shard.shardId = shardId;
        shard.attempt = 0;
        shard.lane = lane;
        shard.step = step;
        shard.layer = layer;
        shard.expert = expert;
        shard.nodeId = -1;
        shard.rowCount = 0;
        refusals = 0;
        computeFailures = 0;
        backingOff = false;
        begun = false;
        pending = false;
        shard.rowsSent = 0;
        forgetArrivals();
    }

    void addRow(final int row, final int choice) {
        final int at = shard.rowCount++;
        if (at == shard.rows.length) {
            shard.rows = Arrays.copyOf(shard.rows, 2 * at);
            shard.choices = Arrays.copyOf(shard.choices, 2 * at);
        }
        shard.rows[at] = row;
        shard.choices[at] = choice;
    }

    /** Marks a row of the current attempt as arrived; false if it had. */
    boolean arrive(final int index) {
        final int word = index >>> 6;
        if (word >= arrived.length) {
            arrived = Arrays.copyOf(arrived, Math.max(2 * arrived.length, word + 1));
        }
        final long bit = 1L << index;
        if ((arrived[word] & bit) != 0) {
            return false;
        }
        arrived[word] |= bit;
        rowsArrived++;
        return true;
    }

    /** Makes the next attempt of what is still missing. Results of earlier attempts no longer count. */
    void nextAttempt() {
        int kept = 0;
        for (int i = 0; i < shard.rowCount; i++) {
            if (!hasArrived(i)) {
                shard.rows[kept] = shard.rows[i];
                shard.choices[kept] = shard.choices[i];
                kept++;
            }
        }
        shard.rowCount = kept;
        shard.rowsSent = 0;
        shard.attempt++;
        begun = false;
        forgetArrivals();
    }

    boolean hasArrived(final int index) {
        final int word = index >>> 6;
        return word < arrived.length && (arrived[word] & (1L << index)) != 0;
    }

    private void forgetArrivals() {
        Arrays.fill(arrived, 0);
        rowsArrived = 0;
    }
}
