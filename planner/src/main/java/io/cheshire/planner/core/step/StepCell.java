package io.cheshire.planner.core.step;

import io.cheshire.planner.core.events.Chance;
import io.cheshire.planner.core.events.Chance.Purpose;
import io.cheshire.planner.core.events.EventQueue;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import java.util.List;
import java.util.SplittableRandom;

/** One cluster in the step fidelity: an event for each arrival, each end of a step, and each strike. One thread. */
public final class StepCell {
    private static final int KIND_SHIFT = 56;
    private static final long ARRIVE = 0;
    private static final long INGESTED = 1L << KIND_SHIFT;
    private static final long STEP_END = 2L << KIND_SHIFT;
    private static final long STRIKE = 3L << KIND_SHIFT;
    private static final long WHOLE = 4L << KIND_SHIFT;
    private static final long ROUTER_BACK = 5L << KIND_SHIFT;
    private static final long KIND = 0xFFL << KIND_SHIFT;

    private final CellPlan plan;
    private final StepTimes times;
    private final RequestStream requests;
    private final List<Strike> strikes;
    private final StrikeTimes strikeTimes;
    private final SplittableRandom faults;
    private final EventQueue events = new EventQueue();
    private final CellOutcome outcome;
    private final StepRouter[] routers;
    private int next;
    private int missing;

    /**
     * @param part number of the cell in its fleet: has chance of its own
     */
    public StepCell(
            final CellPlan plan,
            final StepTable table,
            final StepTimes times,
            final RequestStream requests,
            final List<Strike> strikes,
            final StrikeTimes strikeTimes,
            final Part part) {
        this.plan = plan;
        this.times = times;
        this.requests = requests;
        this.strikes = strikes;
        this.strikeTimes = strikeTimes;
        this.faults = Chance.of(part.seed, Purpose.FAULTS, part.number);
        this.outcome = new CellOutcome(requests.size());
        this.routers = new StepRouter[plan.size().routers()];
        final SplittableRandom service = Chance.of(part.seed, Purpose.SERVICE, part.number);
        final long[] lastTokenNs = new long[requests.size()];
        for (int i = 0; i < routers.length; i++) {
            routers[i] = new StepRouter(plan, table, times, outcome, requests, lastTokenNs, service.split());
        }
    }

    /** Which cell of a fleet this is. */
    public record Part(int number, long seed) {}

    /** Runs to the end of all requests. */
    public CellOutcome run() {
        if (requests.size() > 0) {
            events.add(requests.arrivalNs(0), ARRIVE);
        }
        for (int i = 0; i < strikes.size(); i++) {
            events.add(strikes.get(i).atNs(), STRIKE | i);
        }
        while (!events.isEmpty() && !isOver()) {
            handle(events.take());
        }
        long steps = 0;
        long preemptions = 0;
        for (final StepRouter router : routers) {
            router.demandRest();
            steps += router.steps();
            preemptions += router.preemptions();
        }
        outcome.close(steps, preemptions, events.handled());
        return outcome;
    }

    private boolean isOver() {
        return next == requests.size() && outcome.finished() + outcome.failed() + outcome.rejected() == requests.size();
    }

    private void handle(final long event) {
        final int low = (int) event;
        final long nowNs = events.nowNs();
        switch ((int) ((event & KIND) >>> KIND_SHIFT)) {
            case (int) (ARRIVE >>> KIND_SHIFT) -> arrive(nowNs);
            case (int) (INGESTED >>> KIND_SHIFT) -> submit(low, nowNs);
            case (int) (STEP_END >>> KIND_SHIFT) -> endStep(event, nowNs);
            case (int) (STRIKE >>> KIND_SHIFT) -> strike(strikes.get(low), nowNs);
            case (int) (WHOLE >>> KIND_SHIFT) -> whole(low);
            case (int) (ROUTER_BACK >>> KIND_SHIFT) -> routers[low].back();
            default -> throw new IllegalStateException("an event of no kind: " + event);
        }
    }

    private void arrive(final long nowNs) {
        events.add(nowNs + times.ingestNs(requests.promptTokens(next)), INGESTED | next);
        next++;
        if (next < requests.size()) {
            events.add(requests.arrivalNs(next), ARRIVE);
        }
    }

    private void submit(final int request, final long nowNs) {
        int best = -1;
        for (int i = 0; i < routers.length; i++) {
            if (routers[i].isUp() && (best < 0 || routers[i].underWay() < routers[best].underWay())) {
                best = i;
            }
        }
        if (best < 0 || !routers[best].submit(request, nowNs)) {
            outcome.rejected(request, nowNs);
            return;
        }
        begin(best, nowNs);
    }

    /** Idle lanes begin what there is to do. */
    private void begin(final int router, final long nowNs) {
        int busy = 0;
        double rows = 0;
        double nodesNs = 0;
        double longestNs = 0;
        for (int i = 0; i < routers.length; i++) {
            final double here = i == router ? 0 : routers[i].lanes().rowsInALane();
            busy += here > 0 ? 1 : 0;
            rows += here;
            nodesNs += here > 0 ? routers[i].lanes().nodesNs() : 0;
            longestNs = Math.max(longestNs, here > 0 ? routers[i].lanes().longestNs() : 0);
        }
        routers[router].begin(nowNs, new Others(busy, busy == 0 ? 0 : rows / busy, nodesNs, longestNs), missing);
        plan(router);
    }

    private void endStep(final long event, final long nowNs) {
        final int router = (int) (event >>> 40) & 0xFFFF;
        final int lane = (int) (event >>> 32) & 0xFF;
        if (routers[router].end(lane, (int) event, nowNs)) {
            begin(router, nowNs);
        }
    }

    /** Plans the ends of the router's steps whose pace is another one now. */
    private void plan(final int router) {
        for (int lane = 0; lane < plan.limits().lanes(); lane++) {
            if (routers[router].lanes().takeChanged(lane)) {
                final StepLane step = routers[router].lanes().at(lane);
                events.add(
                        step.endNs(),
                        STEP_END | ((long) router << 40) | ((long) lane << 32) | (step.version & 0xFFFF_FFFFL));
            }
        }
    }

    private void strike(final Strike strike, final long nowNs) {
        if (strike.kind() == Strike.Kind.ROUTER_KILL) {
            routers[strike.target()].die(nowNs);
            events.add(nowNs + plan.recovery().restartNs(), ROUTER_BACK | strike.target());
            return;
        }
        final StrikeTimes.Play play = strikeTimes.draw(strike.kind(), faults);
        for (int i = 0; i < routers.length; i++) {
            routers[i].stall(nowNs, play.stallNs());
            routers[i].slowBy(play.slowdown());
            plan(i);
        }
        final int away = missing == 0 && plan.size().nodes() > 1 ? 1 : 0;
        missing += away;
        events.add(nowNs + play.wholeNs(), WHOLE | away);
    }

    private void whole(final int back) {
        missing -= back;
        for (final StepRouter router : routers) {
            router.slowBy(1);
        }
    }
}
