package io.cheshire.planner.core.step;

import io.cheshire.model.core.RopeTable;
import io.cheshire.planner.core.events.Chance;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.kv.BlockHasher;
import io.cheshire.router.core.kv.KvBlocks;
import io.cheshire.router.core.sample.SamplingPlan;
import io.cheshire.router.core.schedule.LaneFill;
import io.cheshire.router.core.schedule.Scheduler;
import io.cheshire.router.core.schedule.SchedulerLimits;
import io.cheshire.router.core.schedule.Sequence;
import java.util.Collections;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.collections.Long2LongHashMap;

/** A router: the product's scheduler and KV blocks decide what a step has, the table how long it takes. */
final class StepRouter {
    private final CellPlan.RouterLimits limits;
    private final SchedulerLimits schedulerLimits;
    private final StepTable table;
    private final StepTimes times;
    private final CellOutcome outcome;
    private final RequestStream requests;
    private final long[] lastTokenNs;
    private final SplittableRandom random;
    private final RopeTable rope;
    private final long streamNs;
    private final int layers;
    private final StepLanes lanes;
    private final int othersAtMost;
    private final Long2LongHashMap admittedNs = new Long2LongHashMap(-1);
    private KvBlocks kv;
    private Scheduler scheduler;
    private boolean up = true;
    private double slowdown = 1;
    private int underWay;
    private long steps;
    private long preemptionsBefore;

    StepRouter(
            final CellPlan cell,
            final StepTable table,
            final StepTimes times,
            final CellOutcome outcome,
            final RequestStream requests,
            final long[] lastTokenNs,
            final SplittableRandom random) {
        this.limits = cell.limits();
        this.othersAtMost = cell.size().routers() - 1;
        this.table = table;
        this.times = times;
        this.outcome = outcome;
        this.requests = requests;
        this.lastTokenNs = lastTokenNs;
        this.random = random;
        this.streamNs = times.streamNs();
        this.layers = times.shape().layerCount();
        this.rope = StepRope.ANY;
        this.schedulerLimits = new SchedulerLimits(
                limits.lanes(),
                limits.isPacked() ? LaneFill.PACKED : LaneFill.EVEN,
                limits.maxRowsPerStep(),
                limits.maxSequencesPerLane(),
                1,
                limits.blockTokens(),
                false);
        this.kv = new KvBlocks(limits.kvBlocks());
        this.scheduler = newScheduler();
        this.lanes = new StepLanes(schedulerLimits, layers);
    }

    private Scheduler newScheduler() {
        return new Scheduler(schedulerLimits, kv, new BlockHasher("a plan", limits.blockTokens()));
    }

    boolean isUp() {
        return up;
    }

    int underWay() {
        return underWay;
    }

    long steps() {
        return steps;
    }

    long preemptions() {
        return preemptionsBefore + scheduler.preemptions();
    }

    /** Steps that begin from now on take so many times as long. */
    void slowBy(final double factor) {
        slowdown = factor;
    }

    StepLanes lanes() {
        return lanes;
    }

    /** Takes a request, unless its queue is full. */
    boolean submit(final int request, final long nowNs) {
        if (scheduler.waitingCount() >= limits.queueLimit()) {
            return false;
        }
        final int prompt = requests.promptTokens(request);
        final int output = requests.outputTokens(request);
        if (prompt + output > limits.kvTokens()) {
            throw new IllegalArgumentException("request " + request + " needs " + (prompt + output)
                    + " tokens of context, the KV cache has " + limits.kvTokens());
        }
        final GenerationRequest asked = new GenerationRequest(
                Collections.nCopies(prompt, 0),
                output,
                0,
                Set.of(),
                SamplingParams.greedy(),
                -1,
                -1,
                "",
                Long.MAX_VALUE,
                TokenRules.NONE);
        final Sequence sequence =
                new Sequence(request, asked, UnheardListener.INSTANCE, new SamplingPlan(asked, 1), rope);
        scheduler.enqueue(sequence);
        outcome.admitted(nowNs);
        admittedNs.put(request, nowNs);
        underWay++;
        return true;
    }

    /** Idle lanes take what there is to do. */
    void begin(final long nowNs, final Others others, final int missing) {
        boolean began = false;
        lanes.beside(others);
        for (int i = 0; i < limits.lanes(); i++) {
            final StepLane lane = lanes.at(i);
            if (up && !lane.busy && scheduler.plan(i, lane.plan)) {
                final StepTable.Row row = table.row(lane.plan.batch.rowCount, missing);
                start(lane, nowNs, row);
                final double crowded = others.busy() == 0 ? 0 : (double) others.busy() / othersAtMost;
                lane.waitNs = row.waitNs()
                        + (others.busy() == 0
                                ? 0
                                : crowded
                                        * table.row((int) Math.round(others.rows()), missing)
                                                .othersWaitNs());
                lane.crowdNs = row.crowdNs() + crowded * (row.crowdedCrowdNs() - row.crowdNs());
                began = true;
            }
        }
        lanes.atNodes(table.nodesNs(lanes.rows(), missing));
        if (began) {
            lanes.repace(nowNs);
        }
    }

    private void start(final StepLane lane, final long nowNs, final StepTable.Row row) {
        steps++;
        lane.busy = true;
        lane.shareLeft = 1;
        lane.sinceNs = nowNs;
        lane.stallNs = 0;
        lane.routerNs = times.layerNs(lane.plan.batch) + times.onceNs(lane.plan.batch) / layers;
        lane.factor = slowdown * row.spread().factor(Chance.normal(random));
    }

    /** A step's end as it was planned; false where its pace has changed since. */
    boolean end(final int number, final int version, final long nowNs) {
        final StepLane lane = lanes.at(number);
        if (!lane.busy || lane.version != version) {
            return false;
        }
        lane.busy = false;
        lanes.takeChanged(number);
        scheduler.stepDone(lane.plan);
        final long seenNs = nowNs + streamNs;
        int alike = 0;
        for (int i = 0; i < lane.plan.batch.logitsRowCount; i++) {
            final Sequence sequence = lane.plan.sequence(lane.plan.logitsSlot[i]);
            final int request = (int) sequence.arrival;
            final int made = sequence.generated();
            sequence.append(0);
            final long hereNs = made == 0 ? nowNs + times.firstStreamNs() : Math.max(lastTokenNs[request], seenNs);
            if (made == 0) {
                outcome.firstToken(request, requests.arrivalNs(request), hereNs);
            } else if (lastTokenNs[request] == lane.tokensNs && hereNs == seenNs) {
                alike++;
            } else {
                outcome.nextToken(made, hereNs, hereNs - lastTokenNs[request]);
            }
            lastTokenNs[request] = hereNs;
            if (made + 1 == requests.outputTokens(request)) {
                finish(sequence, hereNs);
            }
        }
        if (alike > 0) {
            outcome.nextTokens(seenNs, seenNs - lane.tokensNs, alike);
        }
        lane.tokensNs = seenNs;
        lanes.repace(nowNs);
        return true;
    }

    private void finish(final Sequence sequence, final long seenNs) {
        final int request = (int) sequence.arrival;
        sequence.ended = true;
        scheduler.remove(sequence);
        underWay--;
        outcome.finished(request, requests.arrivalNs(request), admittedNs.remove(request), seenNs);
    }

    /** Steps under way stand still for so long. */
    void stall(final long nowNs, final long stallNs) {
        lanes.stall(nowNs, stallNs);
    }

    /** The process dies: what it had is lost. */
    void die(final long nowNs) {
        up = false;
        preemptionsBefore += scheduler.preemptions();
        lanes.stop();
        admittedNs.forEachLong((request, sinceNs) -> outcome.failed((int) request, sinceNs, nowNs));
        admittedNs.clear();
        underWay = 0;
        kv = new KvBlocks(limits.kvBlocks());
        scheduler = newScheduler();
    }

    /** It is up again. */
    void back() {
        up = true;
    }

    /** What must hold once nothing is under way: all KV blocks are free. */
    void demandRest() {
        if (kv.freeCount() != kv.blockCount() || scheduler.runningCount() + scheduler.waitingCount() > 0) {
            throw new IllegalStateException("at rest " + kv.freeCount() + " of " + kv.blockCount()
                    + " KV blocks are free, and " + scheduler.runningCount() + " sequences run");
        }
    }
}
