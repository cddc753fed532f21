package io.cheshire.planner.core.report;

import io.cheshire.planner.core.failure.Availability;
import io.cheshire.planner.core.failure.FailureTimeline;
import io.cheshire.planner.core.failure.SpareTable;
import io.cheshire.planner.core.screen.MemoryBudget;
import io.cheshire.planner.core.screen.PlacedStations;
import io.cheshire.planner.core.screen.Screen;
import io.cheshire.planner.core.screen.ScreenLimits;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.core.search.Candidate;
import io.cheshire.planner.core.search.FleetSearch;
import io.cheshire.planner.core.search.Tornado;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.ArrayList;
import java.util.List;

/** Puts answers together from what the closed form says. */
public final class Answers {
    private static final int SHOWN = 12;
    private static final double[] SWEEP = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99, 1.2};

    private final CapacityPlan plan;
    private final Screen screen;
    private final FleetSearch search;
    private final long seed;
    private final String command;
    private final PlacedStations stations;

    public Answers(final CapacityPlan plan, final long seed, final String command) {
        this(plan, seed, command, new PlacedStations(plan, seed));
    }

    /** The same with what an earlier plan's answers were computed from. */
    public Answers(final CapacityPlan plan, final long seed, final String command, final PlacedStations stations) {
        this.plan = plan;
        this.seed = seed;
        this.command = command;
        this.stations = stations;
        this.screen = new Screen(plan, ScreenLimits.DEFAULT, stations);
        this.search = new FleetSearch(plan, screen);
    }

    /** Judges fleets; whoever has several threads may share it among them. */
    public FleetSearch search() {
        return search;
    }

    /**
     * Of fleets that were judged, about the best of them.
     *
     * @param judged   at least one
     * @param thorough whether to say which assumption moves it
     */
    public PlanAnswer of(final List<Candidate> judged, final boolean thorough) {
        final List<Candidate> ranked = FleetSearch.ranked(judged);
        final Candidate best = ranked.getFirst();
        final FleetShape fleet = best.fleet();
        final boolean works = best.screen().fits();
        // Of a fleet that misses something the failures are of interest, too.
        final Availability availability =
                best.availability() == null && works ? search.availability(fleet) : best.availability();
        final Candidate chosen = new Candidate(best.screen(), availability, best.price(), best.misses());
        final List<Candidate> front =
                FleetSearch.front(judged, plan.load().lengths().meanOutput());
        return new PlanAnswer(
                plan,
                seed,
                command,
                chosen,
                works ? sweep(best.screen()) : List.of(),
                works ? growth(fleet) : List.of(),
                works && thorough ? Tornado.of(plan, fleet, ScreenLimits.DEFAULT, seed) : List.of(),
                SpareTable.of(plan, fleet, stations::placement),
                availability == null ? List.of() : timeline(fleet, availability),
                ranked.subList(0, Math.min(SHOWN, ranked.size())),
                front.subList(0, Math.min(SHOWN, front.size())),
                judged.size());
    }

    private List<ScreenResult> sweep(final ScreenResult found) {
        final List<ScreenResult> results = new ArrayList<>();
        for (final double share : SWEEP) {
            results.add(screen.at(found.fleet(), share * found.saturation().mid()));
        }
        return results;
    }

    private List<ScreenResult> growth(final FleetShape fleet) {
        return plan.growth().stream()
                .map(times -> screen.at(fleet, times * plan.load().requestsPerSecond()))
                .toList();
    }

    private List<FailureTimeline.Moment> timeline(final FleetShape fleet, final Availability found) {
        final List<Availability.CapacityState> states = found.states();
        final double whole = states.getFirst().knee();
        final double left =
                states.size() > 1 && whole > 0 ? Math.min(1, states.get(1).knee() / whole) : 0;
        return FailureTimeline.of(
                plan,
                fleet,
                found.survives().anyNode(),
                MemoryBudget.of(plan, fleet).roomForNode(),
                left);
    }
}
