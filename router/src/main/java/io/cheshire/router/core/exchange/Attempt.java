package io.cheshire.router.core.exchange;

import io.cheshire.transport.protocol.Shard;
import java.util.Arrays;

/**
 * One sending of a shard's missing rows to one node, from its first frame until the node owes nothing for it any more:
 * it answered or refused, or its connection is gone. A shard may have several at a time. Pooled.
 */
final class Attempt {
    /** Rows and address, as the transport sends them. */
    final Shard shard = new Shard();
    /** Sent while another attempt was open. */
    boolean hedge;
    /** Wholly in the channel. */
    boolean sent;
    /** Passed its deadline. */
    boolean overdue;
    /** The node was suspect meanwhile: its response time says nothing about how fast it is. */
    boolean paused;

    long sentNs;
    long dueNs;
    double expectedNs;
    /** Its cost to the node, in rows. */
    long costRows;
    /** The same with all that the node owed before it. */
    long queuedCostRows;

    int rowsAnswered;
    /** Rows of {@link #shard} that this attempt's node has answered, one bit each. */
    private long[] answered = new long[1];

    /** Takes the rows of the shard that are still missing, or the first of them where they go out alone. */
    void begin(final OpenShard of, final LaneExchange lane, final PeerNode node, final long epoch) {
        shard.shardId = of.shardId;
        shard.attempt = of.nextAttempt++;
        shard.lane = of.lane;
        shard.step = of.step;
        shard.layer = of.layer;
        shard.expert = of.expert;
        shard.epoch = epoch;
        shard.nodeId = node.nodeId;
        shard.rowsSent = 0;
        takeMissingRows(of, lane);
        hedge = of.attemptCount > 0;
        sent = false;
        overdue = false;
        paused = node.status != PeerNode.Status.LIVE;
        rowsAnswered = 0;
        Arrays.fill(answered, 0);
    }

    private void takeMissingRows(final OpenShard of, final LaneExchange lane) {
        if (shard.rows.length < of.rowCount) {
            shard.rows = new int[of.rows.length];
            shard.choices = new int[of.rows.length];
        }
        int count = 0;
        final int most = of.rowsToSend();
        for (int i = 0; i < of.rowCount && count < most; i++) {
            if (!lane.hasArrived(of.rows[i], of.choices[i])) {
                shard.rows[count] = of.rows[i];
                shard.choices[count] = of.choices[i];
                count++;
            }
        }
        shard.rowCount = count;
    }

    /** Marks a row as answered by this attempt; false if it was. */
    boolean answer(final int index) {
        final int word = index >>> 6;
        if (word >= answered.length) {
            answered = Arrays.copyOf(answered, Math.max(2 * answered.length, word + 1));
        }
        final long bit = 1L << index;
        if ((answered[word] & bit) != 0) {
            return false;
        }
        answered[word] |= bit;
        rowsAnswered++;
        return true;
    }

    boolean isAnswered() {
        return rowsAnswered == shard.rowCount;
    }
}
