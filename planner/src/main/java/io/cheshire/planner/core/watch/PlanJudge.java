package io.cheshire.planner.core.watch;

import io.cheshire.balance.core.Assignment;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.planner.core.cost.CostCurves;
import io.cheshire.planner.core.screen.PredictionInterval;
import io.cheshire.planner.core.screen.Screen;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.core.screen.StepTime;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.PlannedLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Holds what was seen against a plan, assumption by assumption. Pure. */
final class PlanJudge {
    static final String REQUEST_RATE = "request rate";

    /** Fewer requests than this are no reason to call a plan broken. */
    static final double ENOUGH_REQUESTS = 20;

    /** A quarter more or less is what sensitivity tables show. */
    private static final double PATIENCE = 0.25;

    /** Three standard deviations. */
    private static final double SIGMAS = 3;

    /** Hedges of a healthy cluster stay below this share of the shards: the budget's default. */
    private static final double HEDGES = 0.05;

    /** Of what is used less nobody minds whether it is many times the plan's. */
    private static final double IDLE = 0.1;

    private static final double US = 1e-3;
    private static final double MS = 1e-6;

    private final CapacityPlan plan;
    private final ScreenResult planned;
    private final double rate;
    private final double skew;
    private final List<Assumption> judged = new ArrayList<>();

    /**
     * Of one look.
     *
     * @param share of the plan's load that these routers are to have
     */
    PlanJudge(final CapacityPlan plan, final Screen screen, final ScreenResult planned, final double share) {
        this.plan = plan;
        this.planned = planned;
        this.rate = plan.load().requestsPerSecond() * share;
        this.skew = skew(plan, screen.placement(planned.fleet()));
    }

    /** Whether so little was seen, and was to be seen, that chance could explain anything. */
    boolean isTooLittle(final Seen seen) {
        return Math.max(rate * seen.seconds(), seen.requests()) < ENOUGH_REQUESTS;
    }

    /** Every assumption that can be judged by what was seen; none of too few requests. */
    List<Assumption> judge(final Seen seen) {
        judged.clear();
        if (isTooLittle(seen)) {
            return List.of();
        }
        final PlannedLoad load = plan.load();
        judged.add(Assumption.about(
                REQUEST_RATE,
                rate,
                seen.load().rate(),
                SIGMAS * Math.max(1, load.gapCv()) / Math.sqrt(Math.max(1, rate * seen.seconds())),
                PATIENCE));
        nodes(seen.nodes());
        if (seen.requests() < ENOUGH_REQUESTS) {
            return List.copyOf(judged);
        }
        final double chance = SIGMAS / Math.sqrt(seen.requests());
        about("prompt tokens", load.lengths().meanPrompt(), seen.load().promptTokens(), chance);
        about("output tokens", load.lengths().meanOutput(), seen.load().outputTokens(), chance);
        if (load.prefixShare() > 0) {
            about("prefix share", load.prefixShare(), seen.load().prefixShare(), chance);
        }
        upTo("hedged shards", HEDGES, seen.load().hedgeShare());
        upTo(
                "kv cache use",
                planned.use().kvShare(),
                Math.max(IDLE, planned.use().kvShare()),
                seen.load().kvShare());
        times(seen.times());
        return List.copyOf(judged);
    }

    private void nodes(final Seen.Nodes seen) {
        final double wanted = planned.fleet().nodes();
        // Spares that stand by may serve or not; of nodes any one less is one that the plan counted on.
        seen.ready()
                .ifPresent(ready -> judged.add(new Assumption(
                        "expert nodes", wanted, wanted, wanted + planned.fleet().spares(), ready)));
        final double noise = SIGMAS / Math.sqrt(Math.max(1, seen.rows() / wanted));
        seen.skew()
                .ifPresent(actual ->
                        judged.add(Assumption.upTo("expert skew", skew, skew * (1 + PATIENCE + noise), actual)));
        if (seen.rowsPerShard().isPresent()) {
            final Calibration node = plan.nodeClass().calibration();
            final double rows = Math.max(1, seen.rowsPerShard().getAsDouble());
            upTo(
                    "time of a row",
                    CostCurves.of(node).ns(Quantity.FFN, rows, 0) / rows * US,
                    CostCurves.atEnd(node, 1, Screen.MODEL_ERROR).ns(Quantity.FFN, rows, 0) / rows * US,
                    seen.rowUs());
        }
    }

    /** A plan that is overloaded itself promises no time. */
    private void times(final Seen.Times seen) {
        final StepTime step = planned.step();
        final double wait = plan.model().shape().layerCount()
                * (step.exchangeNs() + step.wireNs() + step.slowestNs() + step.queueNs())
                * MS;
        final PredictionInterval itl = planned.bands().itlMeanMs();
        final PredictionInterval ttft = planned.bands().ttftP95Ms();
        upTo("wait for experts", wait, wait * itl.high() / itl.mid(), seen.waitMs());
        upTo("time between tokens", itl.mid(), itl.high(), seen.itlMeanMs());
        upTo("time to first token", ttft.mid(), ttft.high(), seen.ttftP95Ms());
    }

    private void about(final String name, final double expected, final OptionalDouble actual, final double noise) {
        actual.ifPresent(value -> judged.add(Assumption.about(name, expected, value, noise, PATIENCE)));
    }

    private void upTo(final String name, final double most, final OptionalDouble actual) {
        upTo(name, most, most, actual);
    }

    private void upTo(final String name, final double expected, final double most, final OptionalDouble actual) {
        if (Double.isFinite(most)) {
            actual.ifPresent(value -> judged.add(Assumption.upTo(name, expected, most * (1 + PATIENCE), value)));
        }
    }

    /** Rows of the busiest node over the mean, if the routing is the plan's and rows are dealt evenly to copies. */
    private static double skew(final CapacityPlan plan, final Assignment placement) {
        final double[] shares = plan.routing().meanShares();
        final double[] rows = new double[Long.SIZE];
        int nodes = 0;
        for (int unit = 0; unit < shares.length; unit++) {
            final long holders = placement.holders(unit / placement.experts(), unit % placement.experts());
            for (long left = holders; left != 0; left &= left - 1) {
                final int node = Long.numberOfTrailingZeros(left);
                rows[node] += shares[unit] / Long.bitCount(holders);
                nodes = Math.max(nodes, node + 1);
            }
        }
        final double mean = java.util.Arrays.stream(rows).sum() / Math.max(1, nodes);
        return mean > 0 ? java.util.Arrays.stream(rows).max().orElse(mean) / mean : 1;
    }

    /** What the plan has for the busiest node's rows over the mean. */
    double plannedSkew() {
        return skew;
    }
}
