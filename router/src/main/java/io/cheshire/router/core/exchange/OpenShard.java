package io.cheshire.router.core.exchange;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one lane for one unit, from their making until no node owes anything for them: {@link #done} as soon as all
 * results are in, later forgotten. Pooled.
 */
final class OpenShard {
    static final int NO_NODE = -1;
    /** Attempts open at a time; one more closes the oldest. */
    static final int MAX_ATTEMPTS = 3;

    private static final int REMEMBERED_FAILURES = 4;

    long shardId;
    int lane;
    long step;
    int layer;
    int expert;
    /** Goes there if that node is well; {@link #NO_NODE} for whichever is best. */
    int preferredNode;

    /** Row numbers in the lane's buffers, {@code [rowCount]}. */
    int[] rows = new int[16];
    /** Which choice of its row this expert is, {@code [rowCount]}. */
    int[] choices = new int[16];

    int rowCount;
    int rowsMissing;
    /** The lane waits for it no more. */
    boolean done;
    /** Waits for its first attempt, or for the next after all were refused or lost. */
    boolean pending;
    /** Its place in the lane's list while not {@link #done}. */
    int laneIndex;

    final @Nullable Attempt[] attempts = new @Nullable Attempt[MAX_ATTEMPTS];
    int attemptCount;
    int nextAttempt;

    /** Node that refused it last. */
    int refusedBy;

    int refusals;
    int computeFailures;
    /** Nodes that couldn't compute it, the last few. */
    private final int[] failedNodes = new int[REMEMBERED_FAILURES];

    private int failedCount;
    long notBeforeNs;
    /** Whether {@link #notBeforeNs} holds. */
    boolean backingOff;
    /** A further replica was asked for being late. */
    boolean hedged;
    /** A hedge was denied by the budget; counted once. */
    boolean denied;
    /** Times that it was sent again for want of any answer, since a row came. */
    int repeats;
    /** Nodes that were lost while they had it, each start of one counted once. */
    int nodesLost;
    /** The start of a node that was lost with it last. */
    long lostIncarnation;
    /** Goes out one row at a time, to one node at a time: nodes were lost with it again and again. */
    boolean alone;

    void begin(final long id, final int ofLane, final long ofStep, final int ofLayer, final int ofExpert) {
        shardId = id;
        lane = ofLane;
        step = ofStep;
        layer = ofLayer;
        expert = ofExpert;
        preferredNode = NO_NODE;
        rowCount = 0;
        rowsMissing = 0;
        done = false;
        pending = false;
        attemptCount = 0;
        nextAttempt = 0;
        refusedBy = NO_NODE;
        refusals = 0;
        computeFailures = 0;
        failedCount = 0;
        backingOff = false;
        hedged = false;
        denied = false;
        repeats = 0;
        nodesLost = 0;
        lostIncarnation = 0;
        alone = false;
    }

    /** Rows that its next attempt takes. */
    int rowsToSend() {
        return alone ? Math.min(1, rowsMissing) : rowsMissing;
    }

    /** A start of a node is gone that had it; one whose connection breaks again and again counts once. */
    void lostWith(final long incarnation) {
        if (nodesLost == 0 || lostIncarnation != incarnation) {
            nodesLost++;
            lostIncarnation = incarnation;
        }
    }

    void failedAt(final int nodeId) {
        computeFailures++;
        failedNodes[failedCount++ % REMEMBERED_FAILURES] = nodeId;
    }

    boolean hasFailedAt(final int nodeId) {
        for (int i = 0; i < Math.min(failedCount, REMEMBERED_FAILURES); i++) {
            if (failedNodes[i] == nodeId) {
                return true;
            }
        }
        return false;
    }

    void addRow(final int row, final int choice) {
        final int at = rowCount++;
        rowsMissing++;
        if (at == rows.length) {
            rows = Arrays.copyOf(rows, 2 * at);
            choices = Arrays.copyOf(choices, 2 * at);
        }
        rows[at] = row;
        choices[at] = choice;
    }

    Attempt attempt(final int index) {
        final Attempt attempt = attempts[index];
        if (attempt == null) {
            throw new IllegalStateException(
                    "shard " + shardId + " has " + attemptCount + " attempts, asked for " + index);
        }
        return attempt;
    }

    void add(final Attempt attempt) {
        attempts[attemptCount++] = attempt;
    }

    /** Oldest first, always. */
    void remove(final Attempt attempt) {
        int kept = 0;
        for (int i = 0; i < attemptCount; i++) {
            if (attempts[i] != attempt) {
                attempts[kept++] = attempts[i];
            }
        }
        attemptCount = kept;
    }

    @Nullable
    Attempt numbered(final int number) {
        for (int i = 0; i < attemptCount; i++) {
            final Attempt attempt = attempt(i);
            if (attempt.shard.attempt == number) {
                return attempt;
            }
        }
        return null;
    }

    /** Whether the node has an open attempt. */
    boolean isWith(final int nodeId) {
        for (int i = 0; i < attemptCount; i++) {
            if (attempt(i).shard.nodeId == nodeId) {
                return true;
            }
        }
        return false;
    }

    /** Whether all that nodes have of it was sent under placements older than {@code epoch}. */
    boolean isBefore(final long epoch) {
        for (int i = 0; i < attemptCount; i++) {
            if (attempt(i).shard.epoch >= epoch) {
                return false;
            }
        }
        return attemptCount > 0;
    }
}
