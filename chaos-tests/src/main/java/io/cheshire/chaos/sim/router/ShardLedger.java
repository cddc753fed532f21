package io.cheshire.chaos.sim.router;

import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.check.ShardEvent;
import io.cheshire.chaos.sim.check.ShardState;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.agrona.collections.LongHashSet;
import org.jspecify.annotations.Nullable;

/**
 * An account of its own of every shard between one router's exchange and its transport: what went where under which
 * epoch, and what came back. Checks what the exchange must never ask for.
 */
final class ShardLedger {
    private static final int KEPT = 512;

    private final World world;
    private final String router;
    private final Coverage coverage;
    private final SortedMap<Long, Entry> entries = new TreeMap<>();
    private final SortedMap<Long, Placement> placements = new TreeMap<>();
    private final long[] stepOfLane = new long[64];
    private final int[] layerOfLane = new int[64];
    private final LongHashSet begun = new LongHashSet();
    private final LongSupplier abandonedRows;

    /** One shard: its attempts, newest last. */
    static final class Entry {
        final int lane;
        final int layer;
        final int expert;
        final List<Attempt> attempts = new ArrayList<>();
        /** Places of the results that are still missing: two a row. */
        final BitSet missing = new BitSet();

        boolean answered;
        long abandonedBefore;

        Entry(final Shard shard) {
            lane = shard.lane;
            layer = shard.layer;
            expert = shard.expert;
            for (int i = 0; i < shard.rowCount; i++) {
                missing.set(2 * shard.rows[i] + shard.choices[i]);
            }
        }

        ShardState state() {
            if (answered) {
                return ShardState.ANSWERED;
            }
            final long open = attempts.stream().filter(attempt -> attempt.open).count();
            if (open == 0) {
                return ShardState.TO_RETRY;
            }
            if (open > 1) {
                return ShardState.HEDGED;
            }
            final Attempt last = attempts.getLast();
            if (!last.whole) {
                return ShardState.SENDING;
            }
            return !last.rowsBack.isEmpty() ? ShardState.PARTLY_ANSWERED : ShardState.SENT;
        }

        /**
         * Whether a node has it and no node was asked since under a newer epoch. Asked is enough: the router
         * acknowledges the newer epoch then, and if that attempt is lost it asks again, nodes of the newer epoch only.
         */
        boolean dependsOn(final int nodeId) {
            long newest = -1;
            long here = -1;
            for (final Attempt attempt : attempts) {
                newest = Math.max(newest, attempt.epoch);
                here = attempt.open && attempt.nodeId == nodeId ? Math.max(here, attempt.epoch) : here;
            }
            return here >= 0 && here >= newest;
        }

        @Nullable
        Attempt attempt(final int number) {
            for (final Attempt attempt : attempts) {
                if (attempt.number == number) {
                    return attempt;
                }
            }
            return null;
        }
    }

    /** One sending. */
    static final class Attempt {
        final int number;
        final int nodeId;
        final long epoch;
        final int[] places;
        final BitSet rowsBack = new BitSet();
        boolean whole;
        boolean open = true;

        Attempt(final Shard shard) {
            number = shard.attempt;
            nodeId = shard.nodeId;
            epoch = shard.epoch;
            places = new int[shard.rowCount];
            for (int i = 0; i < places.length; i++) {
                places[i] = 2 * shard.rows[i] + shard.choices[i];
            }
        }
    }

    /** @param abandonedRows rows that the exchange gave up so far: what it gave up, it awaits no longer */
    ShardLedger(final World world, final String router, final Coverage coverage, final LongSupplier abandonedRows) {
        this.abandonedRows = abandonedRows;
        this.world = world;
        this.router = router;
        this.coverage = coverage;
    }

    void placement(final Placement placement) {
        placements.put(placement.epoch(), placement);
        if (placements.size() > 64) {
            placements.remove(placements.firstKey());
        }
        all(ShardEvent.PLACEMENT, -1);
    }

    @Nullable
    Entry entry(final long shardId) {
        return entries.get(shardId);
    }

    /** Attempt sent last of a shard; -1 when unknown. */
    int lastAttempt(final long shardId) {
        final Entry entry = entries.get(shardId);
        return entry == null ? -1 : entry.attempts.getLast().number;
    }

    /** An open shard other than this one, if there is any with as many rows. */
    @Nullable
    Long otherOpen(final long shardId, final int nodeId) {
        for (final var each : entries.entrySet()) {
            final Attempt last = each.getValue().attempts.getLast();
            if (each.getKey() != shardId && last.open && last.whole && last.nodeId == nodeId) {
                return each.getKey();
            }
        }
        return null;
    }

    boolean awaits(final int nodeId, final ExpertKey key) {
        final long abandoned = abandonedRows.getAsLong();
        for (final Entry entry : entries.values()) {
            if (!entry.answered
                    && entry.abandonedBefore == abandoned
                    && entry.layer == key.layer()
                    && entry.expert == key.expert()) {
                if (entry.dependsOn(nodeId)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Before a shard is handed to the transport. */
    void check(final Shard shard) {
        final Entry entry = entries.get(shard.shardId);
        if (shard.attempt == 0 && shard.rowsSent == 0 && begun.contains(shard.shardId)) {
            violate("shard numbers are never used again", shard, "is not new");
        } else if (entry != null
                && (entry.lane != shard.lane || entry.layer != shard.layer || entry.expert != shard.expert)) {
            violate("shard numbers are never used again", shard, "was another shard's");
        }
        final int lane = shard.lane;
        if (shard.step < stepOfLane[lane] || (shard.step == stepOfLane[lane] && shard.layer < layerOfLane[lane])) {
            violate("lanes go from layer to layer and from step to step", shard, "belongs to what is over");
        }
        stepOfLane[lane] = shard.step;
        layerOfLane[lane] = shard.layer;
        final Placement placement = placements.get(shard.epoch);
        if (placement == null
                || !placement.nodesOf(new ExpertKey(shard.layer, shard.expert)).contains(shard.nodeId)) {
            violate("shards go to nodes that their epoch lists", shard, "goes to a node that isn't listed");
        }
    }

    private void violate(final String invariant, final Shard shard, final String what) {
        world.violate(
                invariant,
                router + ": shard " + shard.shardId + " attempt " + shard.attempt + " (lane " + shard.lane + " step "
                        + shard.step + " layer " + shard.layer + " expert " + shard.expert + " epoch " + shard.epoch
                        + " node " + shard.nodeId + ") " + what);
    }

    void sent(final Shard shard, final SendOutcome outcome, final int sentBefore) {
        final Entry known = entries.get(shard.shardId);
        final boolean sending = shard.rowsSent > 0;
        coverage.shard(known == null ? ShardState.UNKNOWN : known.state(), eventOf(outcome, sending, sentBefore));
        if (!sending) {
            return;
        }
        begun.add(shard.shardId);
        final Entry entry = known != null ? known : new Entry(shard);
        entries.put(shard.shardId, entry);
        entry.abandonedBefore = abandonedRows.getAsLong();
        Attempt attempt = entry.attempt(shard.attempt);
        if (attempt == null) {
            attempt = new Attempt(shard);
            entry.attempts.add(attempt);
        }
        attempt.whole = shard.rowsSent == shard.rowCount;
        while (entries.size() > KEPT) {
            entries.remove(entries.firstKey());
        }
    }

    private static ShardEvent eventOf(final SendOutcome outcome, final boolean sending, final int sentBefore) {
        return switch (outcome) {
            case SENT -> ShardEvent.SENT;
            case BACK_PRESSURED, ADMIN_ACTION ->
                sending && sentBefore == 0 ? ShardEvent.SENT_IN_PART : ShardEvent.BACK_PRESSURED;
            case NO_CREDIT, TOO_LARGE ->
                throw new IllegalStateException("the exchange sends what fits the credit and a frame: " + outcome);
            case NOT_CONNECTED, CLOSED -> ShardEvent.NOT_CONNECTED;
        };
    }

    void result(final int nodeId, final long shardId, final int number, final int firstRow, final int rowCount) {
        final Entry entry = entries.get(shardId);
        final Attempt attempt = entry == null ? null : entry.attempt(number);
        final boolean current = attempt != null && attempt.open && attempt.nodeId == nodeId;
        coverage.shard(
                entry == null ? ShardState.UNKNOWN : entry.state(),
                current ? ShardEvent.RESULT : ShardEvent.RESULT_OF_OLD_ATTEMPT);
        if (entry == null || attempt == null || !current) {
            return;
        }
        for (int row = firstRow; row < Math.min(firstRow + rowCount, attempt.places.length); row++) {
            attempt.rowsBack.set(row);
            entry.missing.clear(attempt.places[row]);
        }
        attempt.open = attempt.rowsBack.cardinality() < attempt.places.length;
        if (entry.missing.isEmpty()) {
            entry.answered = true;
            entry.attempts.forEach(each -> each.open = false);
        }
    }

    void nack(final int nodeId, final long shardId, final int number, final NackReason reason) {
        final Entry entry = entries.get(shardId);
        final Attempt attempt = entry == null ? null : entry.attempt(number);
        final boolean current = attempt != null && attempt.open && attempt.nodeId == nodeId;
        coverage.shard(
                entry == null ? ShardState.UNKNOWN : entry.state(),
                current ? eventOf(reason) : ShardEvent.NACK_OF_OLD_ATTEMPT);
        if (attempt != null && current) {
            attempt.open = false;
        }
        if (current && reason == NackReason.DEVICE_LOST) {
            nodeLost(nodeId);
        }
    }

    private static ShardEvent eventOf(final NackReason reason) {
        return switch (reason) {
            case NOT_RESIDENT -> ShardEvent.NACK_NOT_RESIDENT;
            case DRAINING -> ShardEvent.NACK_DRAINING;
            case OVERLOADED -> ShardEvent.NACK_OVERLOADED;
            case BAD_FRAME, WRONG_MODEL, WRONG_VERSION -> ShardEvent.NACK_BAD_FRAME;
            case COMPUTE_FAILED -> ShardEvent.NACK_COMPUTE_FAILED;
            case DEVICE_LOST -> ShardEvent.NACK_DEVICE_LOST;
        };
    }

    void nodeSuspected(final int nodeId) {
        all(ShardEvent.NODE_SUSPECTED, nodeId);
    }

    void nodeRecovered(final int nodeId) {
        all(ShardEvent.NODE_RECOVERED, nodeId);
    }

    /** It is another connection: nothing that was asked by an earlier one is awaited any more. */
    void nodeReady(final int nodeId) {
        all(ShardEvent.NODE_READY, nodeId);
        closeAttemptsAt(nodeId);
    }

    /** Nothing that was asked of the node is awaited any more. */
    void nodeLost(final int nodeId) {
        all(ShardEvent.NODE_LOST, nodeId);
        closeAttemptsAt(nodeId);
    }

    private void closeAttemptsAt(final int nodeId) {
        entries.values().forEach(entry -> entry.attempts.forEach(attempt -> attempt.open &= attempt.nodeId != nodeId));
    }

    private void all(final ShardEvent event, final int nodeId) {
        for (final Entry entry : entries.values()) {
            if (!entry.answered && (nodeId < 0 || entry.attempts.getLast().nodeId == nodeId)) {
                coverage.shard(entry.state(), event);
            }
        }
    }

    /** Layer of a shard. */
    int layerOf(final long shardId) {
        final Entry entry = entries.get(shardId);
        return entry == null ? 0 : entry.layer;
    }

    /** Rows of the attempt sent last. */
    int rowsOf(final long shardId) {
        final Entry entry = entries.get(shardId);
        return entry == null ? 0 : entry.attempts.getLast().places.length;
    }

    /** Open shards of a node, for planted bugs. */
    List<Long> openAt(final int nodeId) {
        final List<Long> open = new ArrayList<>();
        entries.forEach((shardId, entry) -> {
            if (!entry.answered && entry.attempts.getLast().open && entry.attempts.getLast().nodeId == nodeId) {
                open.add(shardId);
            }
        });
        return open;
    }
}
