package io.cheshire.router.core.schedule;

import io.cheshire.router.core.kv.BlockHasher;
import io.cheshire.router.core.kv.BlockKey;
import io.cheshire.router.core.kv.KvBlocks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Continuous batching: picks the rows of a lane's next step and hands out KV blocks.
 *
 * <p>Rules. First come, first served: only the oldest waiting sequence may be admitted, and it gets the blocks of all
 * its known tokens at once. Lanes are filled evenly or one after the other ({@link LaneFill}); a sequence changes its
 * lane only between steps, to fill up an earlier one. A step takes one row of every sequence that has just one left
 * (decode), then chunks of prompts, oldest first, within the row budget. When a running sequence needs a block and none
 * is free, the youngest running sequence of any lane gives up all of its own and waits again at its old place in the
 * queue; its output so far is then part of what it computes anew, so nobody can tell. One that is in the midst of a
 * step gives way when the step is done. The oldest sequence is thus never held up for good, and every admitted sequence
 * fits the pool alone. Sequences that yield count as younger than all that don't: they wait until no other does, and
 * give up their places, too, when one comes. A lane that waits for an expert that no node has holds up none of the
 * others.
 *
 * <p>Pure: no clock, no effects. Engine thread only.
 */
public final class Scheduler {
    private final SchedulerLimits limits;
    private final KvBlocks kv;
    private final BlockHasher hasher;
    private final PriorityQueue<Sequence> waiting =
            new PriorityQueue<>(Comparator.comparingLong((Sequence s) -> s.rank));
    private final List<List<Sequence>> running = new ArrayList<>();
    private final boolean[] held;
    private final @Nullable Drafts drafts;
    private long preemptions;
    private long cachedTokens;
    private int leftQueue;

    public Scheduler(final SchedulerLimits limits, final KvBlocks kv, final BlockHasher hasher) {
        this(limits, kv, hasher, null);
    }

    /** @param drafts finds tokens that nobody drew yet; null: there are none */
    public Scheduler(
            final SchedulerLimits limits, final KvBlocks kv, final BlockHasher hasher, final @Nullable Drafts drafts) {
        this.limits = limits;
        this.drafts = drafts;
        this.kv = kv;
        this.hasher = hasher;
        held = new boolean[limits.lanes()];
        for (int lane = 0; lane < limits.lanes(); lane++) {
            running.add(new ArrayList<>());
        }
    }

    /** Whether the lane waits for an expert that nobody has: until it goes on, others don't wait for it to be full. */
    public void hold(final int lane, final boolean isHeld) {
        held[lane] = isHeld;
    }

    /** A new sequence waits for its turn. */
    public void enqueue(final Sequence sequence) {
        waiting.add(sequence);
    }

    /**
     * Fills the lane's next step. The lane must be idle.
     *
     * @return whether there is anything to do
     */
    public boolean plan(final int lane, final StepPlan plan) {
        plan.clear();
        giveWay(lane);
        if (limits.laneFill() == LaneFill.PACKED) {
            if (!earlierLanesAreFull(lane)) {
                return false; // what it has is pulled into an earlier lane after that one's step
            }
            pullFromLaterLanes(lane);
        }
        admit(lane);
        addDecodeRows(lane, plan);
        addPromptChunks(lane, plan);
        return plan.batch.rowCount > 0;
    }

    /**
     * The step ran: its rows are in the KV cache. Call before its tokens are appended. A guessed token's row counts
     * with {@link #draftAccepted} only; the others are overwritten by the rows that come in their places.
     */
    public void stepDone(final StepPlan plan) {
        for (int slot = 0; slot < plan.batch.sequenceCount; slot++) {
            final Sequence sequence = plan.sequence(slot);
            sequence.inFlight = false;
            sequence.computed += plan.ownRows(slot);
        }
        if (drafts != null) {
            drafts.stepDone(plan);
        }
    }

    /** The token last appended had been guessed: its row was part of the step. */
    public void draftAccepted(final Sequence sequence) {
        sequence.computed++;
    }

    /** The step failed or was given up: as if it had never been planned. */
    public void stepAbandoned(final StepPlan plan) {
        for (int slot = 0; slot < plan.batch.sequenceCount; slot++) {
            plan.sequence(slot).inFlight = false;
        }
    }

    /**
     * Lets others find the sequence's full blocks. Call only once logits that depend on all of them were seen to be
     * finite: a block with a NaN in it must not outlive its sequence.
     */
    public void publish(final Sequence sequence) {
        if (!limits.prefixCache()) {
            return;
        }
        while ((sequence.sharedBlocks + 1) * limits.tokensPerBlock() <= sequence.computed) {
            final int index = sequence.sharedBlocks++;
            kv.publish(key(sequence, index), sequence.blocks[index]);
        }
    }

    /** Takes an ended sequence out and frees its blocks. It must not be part of a running step. */
    public void remove(final Sequence sequence) {
        if (sequence.inFlight) {
            throw new IllegalStateException("sequence " + sequence.arrival + " is part of a running step");
        }
        if (sequence.lane < 0) {
            waiting.remove(sequence);
            leaveQueue(sequence);
        } else {
            running.get(sequence.lane).remove(sequence);
            sequence.lane = -1;
        }
        releaseBlocks(sequence);
    }

    /** Sequences that left the queue of newcomers since the last call, for a lane or for good. */
    public int takeLeftQueue() {
        final int count = leftQueue;
        leftQueue = 0;
        return count;
    }

    /** Sequences that wait, those preempted among them. */
    public int waitingCount() {
        return waiting.size();
    }

    /** Sequences in lanes. */
    public int runningCount() {
        int count = 0;
        for (final List<Sequence> lane : running) {
            count += lane.size();
        }
        return count;
    }

    /** Sequences sent back to be recomputed. */
    public long preemptions() {
        return preemptions;
    }

    /** Prompt tokens that didn't have to be computed. */
    public long cachedTokens() {
        return cachedTokens;
    }

    /** Guesses that weren't worth their rows. */
    public long draftsPassedOver() {
        return drafts == null ? 0 : drafts.passedOver();
    }

    private void giveWay(final int lane) {
        final List<Sequence> sequences = running.get(lane);
        for (int i = sequences.size() - 1; i >= 0; i--) {
            if (sequences.get(i).preemptRequested) {
                preempt(sequences.get(i));
            }
        }
    }

    private void admit(final int lane) {
        final List<Sequence> sequences = running.get(lane);
        final int room = sequencesPerLane();
        Sequence next = waiting.peek();
        while (next != null) {
            final boolean hasPlace = sequences.size() < room;
            if (hasPlace && takeBlocks(next)) {
                waiting.remove();
                next.lane = lane;
                insertByRank(sequences, next);
            } else if ((!hasPlace && !isFull()) || !yieldedTo(next)) {
                return;
            }
            next = waiting.peek();
        }
    }

    /** All places of all lanes are taken. */
    private boolean isFull() {
        return runningCount() >= limits.lanes() * limits.maxSequencesPerLane();
    }

    /** One that yields gave up place and blocks; if it is in the midst of a step it will. */
    private boolean yieldedTo(final Sequence next) {
        final Sequence last = youngest();
        if (next.request.yields() || last == null || !last.request.yields()) {
            return false;
        }
        if (last.inFlight) {
            last.preemptRequested = true;
            return false;
        }
        preempt(last);
        return true;
    }

    /** Sequences that a lane may have now. */
    private int sequencesPerLane() {
        return switch (limits.laneFill()) {
            case EVEN ->
                Math.min(limits.maxSequencesPerLane(), Math.ceilDiv(runningCount() + waiting.size(), limits.lanes()));
            case PACKED -> limits.maxSequencesPerLane();
        };
    }

    private boolean earlierLanesAreFull(final int lane) {
        for (int earlier = 0; earlier < lane; earlier++) {
            if (!held[earlier] && running.get(earlier).size() < limits.maxSequencesPerLane()) {
                return false;
            }
        }
        return true;
    }

    private void pullFromLaterLanes(final int lane) {
        final List<Sequence> sequences = running.get(lane);
        for (int later = lane + 1; later < running.size(); later++) {
            final List<Sequence> others = running.get(later);
            for (int i = 0; i < others.size() && sequences.size() < limits.maxSequencesPerLane(); i++) {
                final Sequence sequence = others.get(i);
                if (!sequence.inFlight && !sequence.ended && !sequence.preemptRequested) {
                    others.remove(i--);
                    sequence.lane = lane;
                    insertByRank(sequences, sequence);
                }
            }
        }
    }

    private static void insertByRank(final List<Sequence> sequences, final Sequence sequence) {
        int place = sequences.size();
        while (place > 0 && sequences.get(place - 1).rank > sequence.rank) {
            place--;
        }
        sequences.add(place, sequence);
    }

    /** Blocks for every known token and one to grow into, cached ones first; all or nothing. */
    private boolean takeBlocks(final Sequence sequence) {
        findPrefix(sequence);
        final int missing = blocksFor(sequence.length) - sequence.blockCount;
        final boolean alone = runningCount() == 0;
        if (kv.freeCount() < missing + (alone ? 0 : 1)) {
            releaseBlocks(sequence);
            return false;
        }
        for (int i = 0; i < missing; i++) {
            sequence.addBlock(kv.allocate());
        }
        if (sequence.cachedTokens < 0) {
            sequence.cachedTokens = sequence.computed;
            cachedTokens += sequence.computed;
        }
        leaveQueue(sequence);
        return true;
    }

    /** Takes what the cache has of the sequence up to the first token whose logits are needed: the last, or before. */
    private void findPrefix(final Sequence sequence) {
        if (!limits.prefixCache()) {
            return;
        }
        final int size = limits.tokensPerBlock();
        final int end = Math.min(sequence.length - 1, sequence.firstWanted());
        while ((sequence.sharedBlocks + 1) * size <= end) {
            final int block = kv.acquire(key(sequence, sequence.sharedBlocks));
            if (block < 0) {
                return;
            }
            sequence.addBlock(block);
            sequence.sharedBlocks++;
            sequence.computed += size;
        }
    }

    private void addDecodeRows(final int lane, final StepPlan plan) {
        final List<Sequence> sequences = running.get(lane);
        plan.looksAhead = drafts != null && drafts.jumps();
        if (drafts != null) {
            drafts.beginStep(rowsWithoutDrafts(sequences), limits.maxRowsPerStep());
        }
        for (int i = 0; i < sequences.size(); i++) {
            final Sequence sequence = sequences.get(i);
            if (sequence.ended || sequence.pending() != 1) {
                continue;
            }
            if (grow(sequence)) {
                addWithDrafts(sequence, 1, plan, true);
            } else if (sequence.lane < 0) {
                i--; // it was itself the youngest
            }
        }
    }

    /** Rows that a step of these has if nothing is guessed. */
    private int rowsWithoutDrafts(final List<Sequence> sequences) {
        int rows = 0;
        for (int i = 0; i < sequences.size(); i++) {
            final Sequence sequence = sequences.get(i);
            rows += sequence.ended ? 0 : Math.min(sequence.pending(), limits.maxRowsPerStep());
            if (rows >= limits.maxRowsPerStep()) {
                return limits.maxRowsPerStep();
            }
        }
        return rows;
    }

    /**
     * All pending tokens of a sequence, and drafts. These take a block only where every running sequence could still
     * have one: they send nobody back.
     */
    private void addWithDrafts(final Sequence sequence, final int rows, final StepPlan plan, final boolean isDecode) {
        if (drafts == null) {
            plan.add(sequence, rows);
            return;
        }
        final int blocks = sequence.blockCount + Math.max(0, kv.freeCount() - runningCount());
        final long room = (long) blocks * limits.tokensPerBlock() - sequence.length;
        drafts.find(sequence, room, isDecode);
        while (sequence.blockCount < blocksFor(sequence.length + drafts.certain() + drafts.guessed())) {
            sequence.addBlock(kv.allocate());
        }
        plan.add(sequence, rows, drafts);
    }

    private void addPromptChunks(final int lane, final StepPlan plan) {
        int budget = limits.maxRowsPerStep() - plan.batch.rowCount;
        int scoreBudget = limits.maxPromptScoreRows();
        final List<Sequence> sequences = running.get(lane);
        for (int i = 0; i < sequences.size() && budget > 0; i++) {
            final Sequence sequence = sequences.get(i);
            if (sequence.ended || sequence.inFlight || sequence.pending() < 2) {
                continue;
            }
            final int rows = sequence.rowsWithin(Math.min(sequence.pending(), budget), scoreBudget);
            scoreBudget -= sequence.wantedOf(rows);
            if (rows > 0 && rows == sequence.pending() && sequence.mask != null) {
                addWithDrafts(sequence, rows, plan, false);
                budget = limits.maxRowsPerStep() - plan.batch.rowCount;
            } else if (rows > 0) {
                plan.add(sequence, rows);
                budget -= rows;
            }
        }
    }

    /** Makes sure of a block for the next position; false if the sequence must sit this step out. */
    private boolean grow(final Sequence sequence) {
        while (sequence.blockCount < blocksFor(sequence.length)) {
            final int block = kv.allocate();
            if (block >= 0) {
                sequence.addBlock(block);
                continue;
            }
            final Sequence victim = youngest();
            if (victim == null || victim.inFlight) {
                if (victim != null) {
                    victim.preemptRequested = true;
                }
                return false;
            }
            preempt(victim);
            if (victim == sequence) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Sequence youngest() {
        Sequence youngest = null;
        for (final List<Sequence> lane : running) {
            if (!lane.isEmpty()) {
                final Sequence last = lane.getLast();
                youngest = youngest == null || last.rank > youngest.rank ? last : youngest;
            }
        }
        return youngest;
    }

    private void preempt(final Sequence sequence) {
        running.get(sequence.lane).remove(sequence);
        sequence.lane = -1;
        sequence.preemptRequested = false;
        releaseBlocks(sequence);
        preemptions++;
        waiting.add(sequence);
    }

    private void releaseBlocks(final Sequence sequence) {
        for (int i = sequence.blockCount - 1; i >= 0; i--) {
            kv.release(sequence.blocks[i]);
        }
        sequence.blockCount = 0;
        sequence.computed = 0;
        sequence.sharedBlocks = 0;
    }

    private void leaveQueue(final Sequence sequence) {
        if (sequence.newcomer) {
            sequence.newcomer = false;
            leftQueue++;
        }
    }

    private BlockKey key(final Sequence sequence, final int index) {
        final int size = limits.tokensPerBlock();
        final List<BlockKey> keys = sequence.keys;
        while (keys.size() <= index) {
            final BlockKey parent = keys.isEmpty()
                    ? hasher.root(sequence.ropeTable.kind(), sequence.request.cacheScope())
                    : keys.getLast();
            keys.add(hasher.child(parent, sequence.tokens, keys.size() * size, size));
        }
        return keys.get(index);
    }

    private int blocksFor(final int tokens) {
        return Math.ceilDiv(tokens, limits.tokensPerBlock());
    }
}
