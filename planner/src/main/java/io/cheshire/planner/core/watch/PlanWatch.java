package io.cheshire.planner.core.watch;

import io.cheshire.planner.core.screen.Screen;
import io.cheshire.planner.core.screen.ScreenLimits;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.protocol.plan.PlannedLoad;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Keeps a window of a cluster's figures and predicts it anew at every look. One thread. */
public final class PlanWatch {
    /** A rate below this says that nobody asks; the closed form needs one. */
    private static final double LEAST_RATE = 1e-3;

    private final CapacityPlan plan;
    private final FleetShape fleet;
    private final double share;
    private final long seed;
    private final long windowNs;
    private final ScreenResult atPlan;
    private final PlanJudge judge;
    private final List<Scraped> looks = new ArrayList<>();

    /**
     * Of all routers of a cluster.
     *
     * @param window what is judged: shorter finds a change sooner, longer is surer
     * @param seed   as the plan's
     */
    public PlanWatch(final CapacityPlan plan, final Duration window, final long seed) {
        this(plan, window, seed, 1);
    }

    private PlanWatch(final CapacityPlan plan, final Duration window, final long seed, final double share) {
        this.plan = plan;
        this.fleet = plan.fleet().first();
        this.share = share;
        this.seed = seed;
        this.windowNs = window.toNanos();
        final Screen screen = new Screen(plan, ScreenLimits.DEFAULT, seed);
        this.atPlan = screen.at(fleet);
        this.judge = new PlanJudge(plan, screen, atPlan, share);
    }

    /** Of one router, which is to have its even part of the plan's load. */
    public static PlanWatch ofOneRouter(final CapacityPlan plan, final Duration window, final long seed) {
        return new PlanWatch(plan, window, seed, 1.0 / plan.fleet().first().allRouters());
    }

    public CapacityPlan plan() {
        return plan;
    }

    /** What the plan has for the busiest node's rows over the mean. */
    public double plannedSkew() {
        return judge.plannedSkew();
    }

    /** Takes what the cluster says now. Before there are two looks, nothing was seen. */
    public Look look(final Scraped now) {
        // The oldest that is kept is the last one from before the window: looks never come exactly as they were to.
        while (looks.size() > 1 && now.atNs() - looks.get(1).atNs() >= windowNs) {
            looks.removeFirst();
        }
        looks.add(now);
        final Seen seen = Sightings.between(looks.getFirst(), now);
        final boolean isFull = now.atNs() - looks.getFirst().atNs() >= windowNs;
        final List<Assumption> assumptions = isFull ? judge.judge(seen) : List.of();
        return new Look(seen, verdict(isFull, assumptions), assumptions, share, atPlan, predict(seen));
    }

    private static Look.Verdict verdict(final boolean isFull, final List<Assumption> assumptions) {
        if (!isFull) {
            return Look.Verdict.TOO_SOON;
        }
        if (assumptions.isEmpty()) {
            return Look.Verdict.TOO_FEW;
        }
        return assumptions.stream().allMatch(Assumption::holds) ? Look.Verdict.HOLDS : Look.Verdict.BROKEN;
    }

    private ScreenResult predict(final Seen seen) {
        final PlannedLoad load = plan.load();
        if (!(seen.requests() >= PlanJudge.ENOUGH_REQUESTS)) {
            return atPlan;
        }
        final PlannedLoad actual = load.with(load.lengths()
                        .scaled(
                                seen.load().promptTokens().orElse(load.lengths().meanPrompt())
                                        / load.lengths().meanPrompt(),
                                seen.load().outputTokens().orElse(load.lengths().meanOutput())
                                        / load.lengths().meanOutput()))
                .at(Math.max(LEAST_RATE, seen.load().rate() / share));
        return new Screen(plan.with(actual), ScreenLimits.DEFAULT, seed).at(fleet);
    }
}
