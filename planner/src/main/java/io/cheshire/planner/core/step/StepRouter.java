package io.cheshire.planner.core.step;

import io.cheshire.model.core.RopeTable;
import io.cheshire.planner.core.events.Chance;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.core.kv.BlockHasher;
import io.cheshire.router.core.kv.KvBlocks;
import io.cheshire.router.core.sample.SamplingPlan;
import io.cheshire.router.core.schedule.LaneFill;
import io.cheshire.router.core.schedule.Scheduler;
import io.cheshire.router.core.schedule.SchedulerLimits;
import io.cheshire.router.core.schedule.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.collections.Long2LongHashMap;
import org.jspecify.annotations.Nullable;

/** A router: the product's scheduler and KV blocks decide what a step has, the table how long it takes. */
final class StepRouter {
    /** How far lanes of unequal steps go in step: fitted to runs of the exact fidelity (docs/planning-validation.md). */
    private static final double IN_STEP_SHARE = 0.4;

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
    private final List<StepLane> lanes = new ArrayList<>();
    private final Long2LongHashMap admittedNs = new Long2LongHashMap(-1);
    private final boolean[] changed;
    private KvBlocks kv;
    private Scheduler scheduler;
    private boolean up = true;
    private int underWay;
    private long steps;
    private long preemptionsBefore;

    /** Nobody listens: tokens are counted where steps end. */
    private enum Nobody implements GenerationListener {
        INSTANCE;

        @Override
        public void onPrompt(final List<TokenScores> scores, final int cachedTokens) {}

        @Override
        public void onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {}

        @Override
        public void onFinished(final FinishReason reason) {}

        @Override
        public void onFailed(final GenerationError error, final String message) {}
    }

    StepRouter(
            final CellPlan.RouterLimits limits,
            final StepTable table,
            final StepTimes times,
            final CellOutcome outcome,
            final RequestStream requests,
            final long[] lastTokenNs,
            final SplittableRandom random) {
        this.limits = limits;
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
                LaneFill.EVEN,
                limits.maxRowsPerStep(),
                limits.maxSequencesPerLane(),
                1,
                limits.blockTokens(),
                false);
        this.changed = new boolean[limits.lanes()];
        this.kv = new KvBlocks(limits.kvBlocks());
        this.scheduler = newScheduler();
        for (int lane = 0; lane < limits.lanes(); lane++) {
            lanes.add(new StepLane(schedulerLimits));
        }
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

    StepLane lane(final int lane) {
        return lanes.get(lane);
    }

    /** Rows of a lane, averaged over those that are busy. */
    double rowsInALane() {
        int rows = 0;
        int busy = 0;
        for (final StepLane lane : lanes) {
            rows += lane.busy ? lane.plan.batch.rowCount : 0;
            busy += lane.busy ? 1 : 0;
        }
        return busy == 0 ? 0 : (double) rows / busy;
    }

    /** Whether a lane's step ends at another time than was said before. */
    boolean takeChanged(final int lane) {
        final boolean was = changed[lane];
        changed[lane] = false;
        return was;
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
        final Sequence sequence = new Sequence(request, asked, Nobody.INSTANCE, new SamplingPlan(asked, 1), rope);
        scheduler.enqueue(sequence);
        outcome.admitted(nowNs);
        admittedNs.put(request, nowNs);
        underWay++;
        return true;
    }

    /** Idle lanes take what there is to do. */
    void begin(final long nowNs, final int others, final double othersRows, final int missing) {
        boolean began = false;
        for (final StepLane lane : lanes) {
            if (up && !lane.busy && scheduler.plan(lanes.indexOf(lane), lane.plan)) {
                start(lane, nowNs, missing);
                final int rows = lane.plan.batch.rowCount;
                lane.waitNs = table.waitNs(rows, others, othersRows, missing);
                lane.crowdNs = table.crowdNs(rows, limits.lanes(), others, missing);
                began = true;
            }
        }
        if (began) {
            repace(nowNs);
        }
    }

    private void start(final StepLane lane, final long nowNs, final int missing) {
        final int rows = lane.plan.batch.rowCount;
        steps++;
        lane.busy = true;
        lane.shareLeft = 1;
        lane.sinceNs = nowNs;
        lane.stallNs = 0;
        lane.routerNs = times.layerNs(lane.plan.batch) + times.onceNs(lane.plan.batch) / layers;
        lane.factor = table.spread(rows, missing).factor(Chance.normal(random));
    }

    /**
     * Lanes share the router's device and the nodes, each of which takes first what came first. Were they always in each
     * other's way they would go in step, a layer of each taking as long as the longest way of any; were they never, each
     * would take its own way, or as long as all of them compute. The truth lies between.
     */
    private void repace(final long nowNs) {
        double together = 0;
        double longest = 0;
        double crowd = 0;
        int busy = 0;
        for (final StepLane lane : lanes) {
            if (lane.busy) {
                together += lane.routerNs;
                longest = Math.max(longest, lane.routerNs + lane.waitNs);
                crowd += lane.crowdNs;
                busy++;
            }
        }
        final double crowded = busy < 2 ? 0 : crowd / busy * (busy - 1) / (lanes.size() - 1);
        for (int i = 0; i < lanes.size(); i++) {
            final StepLane lane = lanes.get(i);
            if (!lane.busy) {
                continue;
            }
            lane.advance(nowNs);
            final double free = Math.max(lane.routerNs + lane.waitNs, together);
            final double layerNs = free + IN_STEP_SHARE * (Math.max(longest, together) - free) + crowded;
            lane.durationNs = layers * layerNs * lane.factor;
            lane.version++;
            changed[i] = true;
        }
    }

    /** A step's end as it was planned; false where its pace has changed since. */
    boolean end(final int number, final int version, final long nowNs) {
        final StepLane lane = lanes.get(number);
        if (!lane.busy || lane.version != version) {
            return false;
        }
        lane.busy = false;
        changed[number] = false;
        scheduler.stepDone(lane.plan);
        final long seenNs = nowNs + streamNs;
        int alike = 0;
        for (int i = 0; i < lane.plan.batch.logitsRowCount; i++) {
            final Sequence sequence = lane.plan.sequence(lane.plan.logitsSlot[i]);
            final int request = (int) sequence.arrival;
            final int made = sequence.generated();
            sequence.append(0);
            if (made == 0) {
                outcome.firstToken(request, requests.arrivalNs(request), seenNs);
            } else if (lastTokenNs[request] == lane.tokensNs) {
                alike++;
            } else {
                outcome.nextToken(made, seenNs, seenNs - lastTokenNs[request]);
            }
            lastTokenNs[request] = seenNs;
            if (made + 1 == requests.outputTokens(request)) {
                finish(sequence, seenNs);
            }
        }
        if (alike > 0) {
            outcome.nextTokens(seenNs, seenNs - lane.tokensNs, alike);
        }
        lane.tokensNs = seenNs;
        repace(nowNs);
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
        for (final StepLane lane : lanes) {
            if (lane.busy) {
                lane.advance(nowNs);
                lane.stallNs += stallNs;
            }
        }
        repace(nowNs);
    }

    /** The process dies: what it had is lost. */
    void die(final long nowNs) {
        up = false;
        preemptionsBefore += scheduler.preemptions();
        for (final StepLane lane : lanes) {
            lane.busy = false;
            lane.version++;
        }
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
