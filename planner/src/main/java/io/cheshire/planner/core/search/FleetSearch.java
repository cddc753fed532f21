package io.cheshire.planner.core.search;

import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.core.failure.Availability;
import io.cheshire.planner.core.failure.AvailabilityModel;
import io.cheshire.planner.core.screen.Screen;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetOptions;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.protocol.plan.PlanObjectives;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Looks at every fleet of a plan. Any number of threads may judge; the order of the answer is the same. */
public final class FleetSearch {
    /** More combinations than this are refused: they take longer than anybody waits for. */
    public static final int MOST_CANDIDATES = 100_000;

    private final CapacityPlan plan;
    private final Screen screen;
    private final AvailabilityModel failures;
    private final Map<FleetShape, Double> knees = new ConcurrentHashMap<>();

    public FleetSearch(final CapacityPlan plan, final Screen screen) {
        this.plan = plan;
        this.screen = screen;
        this.failures = new AvailabilityModel(plan);
    }

    /**
     * Every combination that can exist: with no more copies than nodes.
     *
     * @throws IllegalArgumentException where there are too many, or none
     */
    public static List<FleetShape> fleets(final FleetOptions options) {
        if (options.count() > MOST_CANDIDATES) {
            throw new IllegalArgumentException("fleet: " + options.count() + " combinations; at most " + MOST_CANDIDATES
                    + " are looked at: give shorter lists");
        }
        final List<FleetShape> fleets = new ArrayList<>();
        for (final int cells : options.cells()) {
            for (final int nodes : options.nodes()) {
                for (final int replicas : options.replicas()) {
                    for (final int routers : options.routers()) {
                        for (final int lanes : options.lanes()) {
                            for (final int spares : options.spares()) {
                                if (replicas <= nodes) {
                                    fleets.add(new FleetShape(cells, nodes, replicas, routers, lanes, spares));
                                }
                            }
                        }
                    }
                }
            }
        }
        if (fleets.isEmpty()) {
            throw new IllegalArgumentException("fleet.replicas " + options.replicas() + " are all more than the nodes "
                    + options.nodes() + " of a cluster: a node holds a unit once");
        }
        return fleets;
    }

    /** Judges one fleet. */
    public Candidate judge(final FleetShape fleet) {
        final ScreenResult result = screen.at(fleet);
        final List<String> misses = new ArrayList<>();
        if (!result.fits()) {
            misses.addAll(result.memory().problems(fleet, plan.fleet()));
        } else if (result.state() == LoadState.OVERLOADED) {
            misses.add(format(
                    "falls behind: %.4g requests/s asked, %.4g carried",
                    result.perSecond(), result.saturation().mid()));
        } else {
            missesOfLatency(result, misses);
        }
        Availability availability = null;
        if (misses.isEmpty()) {
            availability = availability(fleet);
            if (availability.attained() < plan.objectives().availability()) {
                misses.add(format(
                        "availability %.4f %%, promised %.4f %%",
                        100 * availability.attained(), 100 * plan.objectives().availability()));
            }
        }
        if (availability != null && !survives(availability)) {
            misses.add("doesn't survive the loss of any one "
                    + plan.objectives().survives().name().toLowerCase(Locale.ROOT));
        }
        final double price =
                plan.costs().isGiven() ? plan.costs().perHour(fleet) : fleet.allNodes() + fleet.allRouters();
        return new Candidate(result, availability, price, misses);
    }

    private boolean survives(final Availability found) {
        return switch (plan.objectives().survives()) {
            case NOTHING -> true;
            case NODE -> found.survives().anyNode();
            case RACK -> found.survives().anyNode() && found.survives().anyRack();
        };
    }

    /** Of one fleet. */
    public Availability availability(final FleetShape fleet) {
        return failures.of(
                fleet,
                screen.placement(fleet),
                left -> knees.computeIfAbsent(fleet.withNodes(left).withCopies(fleet.replicas(), 0), screen::kneeOf));
    }

    private void missesOfLatency(final ScreenResult result, final List<String> misses) {
        final PlanObjectives asked = plan.objectives();
        if (result.latency().ttftMs().p95() > asked.ttftP95Ms()) {
            misses.add(format(
                    "TTFT p95 %.4g ms, promised %.4g ms",
                    result.latency().ttftMs().p95(), asked.ttftP95Ms()));
        }
        if (result.latency().itlMs().p99() > asked.itlP99Ms()) {
            misses.add(format(
                    "ITL p99 %.4g ms, promised %.4g ms",
                    result.latency().itlMs().p99(), asked.itlP99Ms()));
        }
        if (result.latency().goodput() < asked.goodput()) {
            misses.add(format(
                    "goodput %.2f %%, promised %.2f %%", 100 * result.latency().goodput(), 100 * asked.goodput()));
        }
    }

    private static String format(final String pattern, final double... figures) {
        return String.format(
                Locale.ROOT, pattern, java.util.Arrays.stream(figures).boxed().toArray());
    }

    /** Those that keep all first: the cheapest, of them the most available; then by how little they miss. */
    public static List<Candidate> ranked(final List<Candidate> judged) {
        final List<Candidate> ranked = new ArrayList<>(judged);
        ranked.sort(Comparator.comparing((Candidate candidate) -> !candidate.keeps())
                .thenComparingInt(candidate -> candidate.misses().size())
                .thenComparingDouble(candidate -> candidate.keeps() ? candidate.price() : 0)
                .thenComparingDouble(FleetSearch::lost)
                .thenComparingDouble(candidate -> -candidate.screen().knee().mid())
                .thenComparingInt(candidate -> candidate.fleet().allNodes()));
        return ranked;
    }

    private static double lost(final Candidate candidate) {
        return candidate.keeps() && candidate.availability() != null
                ? candidate.availability().lost().sum()
                : 0;
    }

    /** Those that no other beats both in tokens a node and in tokens a user: the front, by rising tokens a user. */
    public static List<Candidate> front(final List<Candidate> judged, final double meanOutput) {
        final List<Candidate> able = new ArrayList<>(judged.stream()
                .filter(c -> c.screen().fits() && c.screen().state() != LoadState.OVERLOADED)
                .toList());
        able.sort(Comparator.comparingDouble((Candidate c) -> -c.screen().tokensPerUser())
                .thenComparingDouble(c -> -c.screen().tokensPerNode(meanOutput)));
        final List<Candidate> front = new ArrayList<>();
        double most = -1;
        for (final Candidate candidate : able) {
            if (candidate.screen().tokensPerNode(meanOutput) > most) {
                most = candidate.screen().tokensPerNode(meanOutput);
                front.add(candidate);
            }
        }
        return front.reversed();
    }
}
