package io.cheshire.planner.core.watch;

import io.cheshire.planner.core.screen.PredictionInterval;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.protocol.plan.PlannedLoad;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Holds what was seen against a plan, assumption by assumption. Pure. */
public final class PlanJudge {
    /** Fewer requests than this are no reason to call a plan broken. */
    static final double ENOUGH_REQUESTS = 20;

    /** A quarter more or less is what sensitivity tables show. */
    private static final double PATIENCE = 0.25;

    /** Three standard deviations. */
    private static final double SIGMAS = 3;

    /** Hedges of a healthy cluster stay below this share of the shards: the budget's default. */
    private static final double HEDGES = 0.05;

    private PlanJudge() {}

    /**
     * Every assumption that can be judged by what was seen; none of too few requests.
     *
     * @param load    of the plan
     * @param planned what the plan predicts at its own load
     */
    public static List<Assumption> judge(final PlannedLoad load, final ScreenResult planned, final Seen seen) {
        final List<Assumption> judged = new ArrayList<>();
        final double expected = load.requestsPerSecond() * seen.seconds();
        if (Math.max(expected, seen.requests()) < ENOUGH_REQUESTS) {
            return judged;
        }
        judged.add(new Assumption(
                "request rate",
                load.requestsPerSecond(),
                seen.rate(),
                SIGMAS * Math.max(1, load.gapCv()) / Math.sqrt(expected),
                PATIENCE));
        if (seen.requests() < ENOUGH_REQUESTS) {
            return judged;
        }
        final double chance = SIGMAS / Math.sqrt(seen.requests());
        add(judged, "prompt tokens", load.lengths().meanPrompt(), seen.promptTokens(), chance);
        add(judged, "output tokens", load.lengths().meanOutput(), seen.outputTokens(), chance);
        if (load.prefixShare() > 0) {
            add(judged, "prefix share", load.prefixShare(), seen.prefixShare(), chance);
        }
        upTo(judged, "hedged shards", HEDGES, seen.hedgeShare());
        upTo(judged, "kv cache use", planned.use().kvShare(), seen.kvShare());
        upTo(judged, "time between tokens", planned.bands().itlMeanMs().high(), seen.itlMeanMs());
        upTo(judged, "time to first token", planned.bands().ttftP95Ms().high(), seen.ttftP95Ms());
        return judged;
    }

    private static void add(
            final List<Assumption> judged,
            final String name,
            final double planned,
            final OptionalDouble actual,
            final double noise) {
        actual.ifPresent(value -> judged.add(new Assumption(name, planned, value, noise, PATIENCE)));
    }

    /** What may be less than planned: then the plan holds. A plan that is overloaded itself promises no time. */
    private static void upTo(
            final List<Assumption> judged, final String name, final double planned, final OptionalDouble actual) {
        if (!Double.isFinite(planned)) {
            return;
        }
        actual.ifPresent(value -> judged.add(new Assumption(name, planned, Math.max(value, planned), 0, PATIENCE)));
    }

    /** Whether a figure is within a prediction. */
    public static boolean within(final PredictionInterval predicted, final double actual) {
        return actual >= predicted.low() && actual <= predicted.high();
    }
}
