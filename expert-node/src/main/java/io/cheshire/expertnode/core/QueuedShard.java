package io.cheshire.expertnode.core;

import io.cheshire.transport.core.RouterCredit;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A shard from its first frame to its last result. Pooled: {@link MicroQueues} hands it out and takes it back, on the
 * node's thread.
 *
 * @param <L> the connection that it came from
 */
public final class QueuedShard<L> {
    static final int NO_SLOT = -1;

    @Nullable
    L link;

    @Nullable
    RouterCredit credit;

    long linkId;
    long shardId;
    int attempt;
    int unitIndex;
    int rowCount;
    /** Place in the row store of every row; {@link #NO_SLOT} while the row hasn't arrived. */
    int[] rowSlots = new int[16];

    int receivedRows;
    int takenRows;
    int answeredRows;
    long arrivedNs;
    long lastFrameNs;
    /** Nobody waits for it any more: don't answer. */
    boolean abandoned;

    void start(
            final L newLink,
            final RouterCredit newCredit,
            final long newLinkId,
            final long newShardId,
            final int newAttempt,
            final int newUnitIndex,
            final int newRowCount,
            final long nowNs) {
        link = newLink;
        credit = newCredit;
        linkId = newLinkId;
        shardId = newShardId;
        attempt = newAttempt;
        unitIndex = newUnitIndex;
        rowCount = newRowCount;
        if (rowSlots.length < newRowCount) {
            rowSlots = new int[Math.max(newRowCount, 2 * rowSlots.length)];
        }
        Arrays.fill(rowSlots, 0, newRowCount, NO_SLOT);
        receivedRows = 0;
        takenRows = 0;
        answeredRows = 0;
        arrivedNs = nowNs;
        lastFrameNs = nowNs;
        abandoned = false;
    }

    boolean is(final long otherLinkId, final long otherShardId, final int otherAttempt) {
        return shardId == otherShardId && linkId == otherLinkId && attempt == otherAttempt;
    }

    /** Where its results go. */
    public L link() {
        if (link == null) {
            throw new IllegalStateException("shard isn't in use");
        }
        return link;
    }

    RouterCredit credit() {
        if (credit == null) {
            throw new IllegalStateException("shard isn't in use");
        }
        return credit;
    }

    public long shardId() {
        return shardId;
    }

    public int attempt() {
        return attempt;
    }

    public int unitIndex() {
        return unitIndex;
    }

    public int rowCount() {
        return rowCount;
    }

    /** Place of a row in the row store. */
    public int rowSlot(final int row) {
        return rowSlots[row];
    }

    /** When its first frame came. */
    public long arrivedNs() {
        return arrivedNs;
    }

    /** Whether nobody waits for it any more. */
    public boolean isAbandoned() {
        return abandoned;
    }
}
