package io.cheshire.planner.core.watch;

import io.cheshire.planner.core.screen.Screen;
import io.cheshire.planner.core.screen.ScreenLimits;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.protocol.plan.PlannedLoad;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Keeps a window of a cluster's figures and predicts it anew at every look. One thread. */
public final class PlanWatch {
    /** A rate below this says that nobody asks; the closed form needs one. */
    private static final double LEAST_RATE = 1e-3;

    private final CapacityPlan plan;
    private final FleetShape fleet;
    private final long seed;
    private final long windowNs;
    private final ScreenResult atPlan;
    private final Deque<Scraped> looks = new ArrayDeque<>();

    /**
     * @param window what is judged: shorter finds a change sooner, longer is surer
     * @param seed   as the plan's
     */
    public PlanWatch(final CapacityPlan plan, final Duration window, final long seed) {
        this.plan = plan;
        this.fleet = plan.fleet().first();
        this.seed = seed;
        this.windowNs = window.toNanos();
        this.atPlan = new Screen(plan, ScreenLimits.DEFAULT, seed).at(fleet);
    }

    /** Takes what the cluster says now. Before there are two looks, nothing was seen. */
    public Look look(final Scraped now) {
        while (looks.size() > 1 && now.atNs() - looks.getFirst().atNs() > windowNs) {
            looks.removeFirst();
        }
        looks.addLast(now);
        final Seen seen = Seen.between(looks.getFirst(), now);
        return new Look(seen, PlanJudge.judge(plan.load(), atPlan, seen), atPlan, predict(seen));
    }

    private ScreenResult predict(final Seen seen) {
        final PlannedLoad load = plan.load();
        if (!(seen.requests() >= PlanJudge.ENOUGH_REQUESTS)) {
            return atPlan;
        }
        final PlannedLoad actual = load.with(load.lengths()
                        .scaled(
                                seen.promptTokens().orElse(load.lengths().meanPrompt())
                                        / load.lengths().meanPrompt(),
                                seen.outputTokens().orElse(load.lengths().meanOutput())
                                        / load.lengths().meanOutput()))
                .at(Math.max(LEAST_RATE, seen.rate()));
        return new Screen(plan.with(actual), ScreenLimits.DEFAULT, seed).at(fleet);
    }
}
