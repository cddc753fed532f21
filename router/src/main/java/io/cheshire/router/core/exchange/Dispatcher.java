package io.cheshire.router.core.exchange;

import io.cheshire.transport.protocol.SendOutcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends shards: to their first node, and to a further one when that is late. A lane with a shard that no connected node
 * can take is parked; the other lanes go on.
 */
final class Dispatcher {
    /** A late shard that could not be hedged is looked at again after this long. */
    private static final long LOOK_AGAIN_NS = 1_000_000;
    /** The wait for any answer doubles so often at most. */
    private static final int MOST_DOUBLINGS = 6;

    private final OpenShards book;
    private final NodeView nodes;
    private final NodeChoice choice;
    private final RetryPolicy retry;
    private final HedgePolicy hedge;
    private final HedgeBudget budget;
    private final ExchangeCounters counters;

    Dispatcher(
            final OpenShards book,
            final NodeView nodes,
            final NodeChoice choice,
            final FailoverPolicy policy,
            final ExchangeCounters counters) {
        this.book = book;
        this.nodes = nodes;
        this.choice = choice;
        retry = policy.retry();
        hedge = policy.hedge();
        budget = new HedgeBudget(hedge.budgetShare(), hedge.budgetBurst());
        this.counters = counters;
    }

    /** Answers how many shards went out whole for the first time, and how many as a hedge. */
    int pump(final LaneExchange lane, final long nowNs, final ShardSender sender) {
        int sent = lane.sending.isEmpty() ? 0 : goOn(lane, sender);
        if (!lane.pending.isEmpty() || lane.parked) {
            sent += sendPending(lane, nowNs, sender);
        }
        if (!lane.shards.isEmpty() && (lane.lookNow || nowNs - lane.nextLookNs >= 0)) {
            sent += lookForLate(lane, nowNs, sender);
        }
        return sent;
    }

    /** The rest of what is partly in a channel. */
    private int goOn(final LaneExchange lane, final ShardSender sender) {
        final List<Attempt> sending = lane.sending;
        int sent = 0;
        for (int i = sending.size() - 1; i >= 0; i--) {
            final Attempt attempt = sending.get(i);
            if (sender.dispatch(attempt.shard) == SendOutcome.SENT) {
                attempt.sent = true;
                counters.shardSent();
                sending.remove(i);
                sent++;
            }
        }
        return sent;
    }

    private int sendPending(final LaneExchange lane, final long nowNs, final ShardSender sender) {
        final List<OpenShard> pending = lane.pending;
        boolean homeless = false;
        int sent = 0;
        int kept = 0;
        for (int i = 0; i < pending.size(); i++) { // splitting may append
            final OpenShard shard = pending.get(i);
            final Outcome outcome = sendFirst(shard, nowNs, sender);
            homeless |= outcome == Outcome.NO_NODE;
            if (outcome == Outcome.OUT) {
                shard.pending = false;
                sent++;
            } else {
                pending.set(kept++, shard);
            }
        }
        while (pending.size() > kept) {
            pending.removeLast();
        }
        if (homeless && !lane.parked) {
            counters.parked();
        }
        lane.parked = homeless;
        return sent;
    }

    private enum Outcome {
        OUT,
        LATER,
        NO_NODE
    }

    private Outcome sendFirst(final OpenShard shard, final long nowNs, final ShardSender sender) {
        if (isBackingOff(shard, nowNs)) {
            return Outcome.LATER;
        }
        final PeerNode node = choice.first(shard);
        if (node == null) {
            return Outcome.NO_NODE;
        }
        if (!fitsCredit(shard, node, sender.creditRows(node.nodeId))) {
            shard.preferredNode = OpenShard.NO_NODE; // by the time that it fits, the plan is out of date
            return Outcome.LATER;
        }
        return switch (start(shard, node, nowNs, sender)) {
            case SENT -> {
                budget.earn();
                trickle(shard, node, nowNs, sender);
                yield Outcome.OUT;
            }
            case TOO_LARGE -> {
                shard.pending = false; // the caller takes it out of its list
                giveUp(shard);
                yield Outcome.OUT;
            }
            case BACK_PRESSURED, ADMIN_ACTION, NO_CREDIT, NOT_CONNECTED, CLOSED -> Outcome.LATER;
        };
    }

    /** Nobody can compute the shard: its requests fail, and no others. */
    void giveUp(final OpenShard shard) {
        final LaneExchange lane = book.laneOf(shard);
        int rows = 0;
        for (int i = 0; i < shard.rowCount; i++) {
            if (lane.poison(shard.rows[i], shard.choices[i])) {
                rows++;
            }
        }
        shard.rowsMissing = 0;
        counters.poisoned(lane.layer, rows);
        book.finish(shard);
        if (lane.missingResults == 0) {
            counters.layers().computed(lane.layer, lane.rowCount);
        }
    }

    /**
     * The row of the attempt ends the nodes that compute it: its request fails, and no other. The shard may be finished
     * by this.
     */
    void giveUpRow(final OpenShard shard, final Attempt attempt) {
        final LaneExchange lane = book.laneOf(shard);
        if (lane.poison(attempt.shard.rows[0], attempt.shard.choices[0])) {
            counters.poisoned(lane.layer, 1);
            shard.rowsMissing--;
        }
        if (shard.rowsMissing == 0) {
            book.finish(shard);
            if (lane.missingResults == 0) {
                counters.layers().computed(lane.layer, lane.rowCount);
            }
        }
    }

    private static boolean isBackingOff(final OpenShard shard, final long nowNs) {
        shard.backingOff = shard.backingOff && shard.notBeforeNs - nowNs > 0;
        return shard.backingOff;
    }

    /** A shard larger than all that an idle node takes is split; else it waits for credit. */
    private boolean fitsCredit(final OpenShard shard, final PeerNode node, final int creditRows) {
        if (shard.rowsToSend() <= creditRows) {
            return true;
        }
        if (creditRows < 1 || node.openRows > 0) {
            return false;
        }
        final OpenShard rest = book.open(shard.lane, shard.step, shard.layer, shard.expert);
        book.laneOf(shard).moveMissing(shard, creditRows, rest);
        return true;
    }

    /** Offers the missing rows to a node. {@link SendOutcome#SENT} if at least a part is in the channel. */
    private SendOutcome start(final OpenShard shard, final PeerNode node, final long nowNs, final ShardSender sender) {
        final Attempt attempt = book.prepare(shard, node);
        final SendOutcome outcome = sender.dispatch(attempt.shard);
        if (outcome == SendOutcome.SENT || attempt.shard.rowsSent > 0) {
            started(shard, attempt, outcome == SendOutcome.SENT, nowNs);
            return SendOutcome.SENT;
        }
        book.discard(shard, attempt);
        if (outcome == SendOutcome.NOT_CONNECTED || outcome == SendOutcome.CLOSED) {
            backOff(shard, nowNs); // the transport will say that the node is lost; until then don't hammer it
        }
        return outcome;
    }

    private void started(final OpenShard shard, final Attempt attempt, final boolean whole, final long nowNs) {
        final LaneExchange lane = book.laneOf(shard);
        book.charge(shard, attempt, nowNs);
        lookAgain(lane, attempt.dueNs);
        attempt.sent = whole;
        if (whole) {
            counters.shardSent();
        } else {
            lane.sending.add(attempt);
        }
    }

    void backOff(final OpenShard shard, final long nowNs) {
        shard.refusals++;
        shard.notBeforeNs = nowNs + retry.backoffNs(shard.refusals);
        shard.backingOff = true;
    }

    /** Shows a slow node a shard that another computes, to see whether it is still slow. */
    private void trickle(final OpenShard shard, final PeerNode chosen, final long nowNs, final ShardSender sender) {
        final PeerNode slow = shard.alone ? null : choice.trickle(shard, chosen);
        if (slow != null && budget.canSpend() && furtherTo(shard, slow, nowNs, sender)) {
            budget.spend();
            counters.trickledShard();
        }
    }

    private boolean furtherTo(final OpenShard shard, final PeerNode node, final long nowNs, final ShardSender sender) {
        return shard.rowsToSend() <= sender.creditRows(node.nodeId)
                && start(shard, node, nowNs, sender) == SendOutcome.SENT;
    }

    private int lookForLate(final LaneExchange lane, final long nowNs, final ShardSender sender) {
        lane.lookNow = false;
        lane.nextLookNs = nowNs + hedge.ceilingNs();
        int sent = 0;
        for (int i = lane.shards.size() - 1; i >= 0; i--) {
            final OpenShard shard = lane.shards.get(i);
            if (shard.attemptCount > 0 && isLate(shard, lane, nowNs)) {
                if (hedge(shard, nowNs, sender)) {
                    sent++;
                } else {
                    lookAgain(lane, nowNs + LOOK_AGAIN_NS);
                }
            }
        }
        return sent;
    }

    private static void lookAgain(final LaneExchange lane, final long atNs) {
        if (atNs - lane.nextLookNs < 0) {
            lane.nextLookNs = atNs;
        }
    }

    /** Whether every node that has the shard is late with it. */
    private boolean isLate(final OpenShard shard, final LaneExchange lane, final long nowNs) {
        boolean late = true;
        for (int i = 0; i < shard.attemptCount; i++) {
            final Attempt attempt = shard.attempt(i);
            if (!attempt.overdue && nowNs - attempt.dueNs >= 0) {
                book.markOverdue(attempt);
            }
            if (!attempt.overdue) {
                lookAgain(lane, attempt.dueNs);
                late &= isSuspect(attempt);
            }
        }
        return late;
    }

    private boolean isSuspect(final Attempt attempt) {
        return nodes.state(attempt.shard.nodeId).status == PeerNode.Status.SUSPECT;
    }

    private boolean hedge(final OpenShard shard, final long nowNs, final ShardSender sender) {
        if (isBackingOff(shard, nowNs)) {
            return false;
        }
        if (shard.alone) {
            return askAgain(shard, nowNs, sender); // a row that may end its node isn't shown to a second one at once
        }
        final boolean refuge = hasSuspect(shard);
        return toFurther(shard, refuge, nowNs, sender) || askAgain(shard, nowNs, sender);
    }

    /** To a replica that doesn't have it; away from a suspect at any price, else within the budget. */
    private boolean toFurther(final OpenShard shard, final boolean refuge, final long nowNs, final ShardSender sender) {
        if (shard.attemptCount == OpenShard.MAX_ATTEMPTS) {
            return false;
        }
        final PeerNode node = refuge ? choice.refuge(shard) : choice.further(shard);
        if (node == null) {
            return false;
        }
        if (!refuge && !budget.canSpend()) {
            deny(shard);
            return false;
        }
        final int rows = shard.rowsMissing;
        if (!furtherTo(shard, node, nowNs, sender)) {
            return false;
        }
        if (!refuge) {
            budget.spend();
        }
        shard.hedged = true;
        counters.hedged(rows);
        return true;
    }

    private boolean hasSuspect(final OpenShard shard) {
        for (int i = 0; i < shard.attemptCount; i++) {
            if (isSuspect(shard.attempt(i))) {
                return true;
            }
        }
        return false;
    }

    private void deny(final OpenShard shard) {
        if (!shard.denied) {
            shard.denied = true;
            counters.hedgeDenied();
        }
    }

    /** Nobody else takes it: perhaps the question or the answer was lost, so ask again, ever less often. */
    private boolean askAgain(final OpenShard shard, final long nowNs, final ShardSender sender) {
        final long waitNs = hedge.answerTimeoutNs() << Math.min(shard.repeats, MOST_DOUBLINGS);
        if (nowNs - shard.attempt(shard.attemptCount - 1).sentNs < waitNs) {
            return false;
        }
        final @Nullable PeerNode node = choice.again(shard);
        if (node == null || shard.rowsToSend() > sender.creditRows(node.nodeId)) {
            return false;
        }
        if (shard.attemptCount == OpenShard.MAX_ATTEMPTS) {
            counters.answerLost();
            book.close(shard, shard.attempt(0), AttemptEnd.UNHEARD);
        }
        if (start(shard, node, nowNs, sender) != SendOutcome.SENT) {
            return false;
        }
        shard.repeats++;
        counters.retry();
        return true;
    }
}
