package io.cheshire.planner.core.search;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.planner.core.screen.Screen;
import io.cheshire.planner.core.screen.ScreenLimits;
import io.cheshire.planner.core.workload.RoutingShares;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.DeviceClass;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** Which assumption moves the answer: each alone, a fifth less and a fifth more. */
public final class Tornado {
    public static final double LESS = 0.8;
    public static final double MORE = 1.2;

    private static final Set<Quantity> NODE = Set.of(Quantity.FFN);
    private static final Set<Quantity> COPIES = Set.of(Quantity.EXCHANGE);
    private static final Set<Quantity> COMPUTES = Set.of(
            Quantity.ATTENTION_DECODE,
            Quantity.ATTENTION_PREFILL,
            Quantity.PROJECTIONS,
            Quantity.HEAD,
            Quantity.SAMPLER,
            Quantity.STEP);

    private Tornado() {}

    /**
     * One assumption.
     *
     * @param what  for people
     * @param less  what comes of a fifth less
     * @param more  what comes of a fifth more
     */
    public record Bar(String what, Effect less, Effect more) {
        double span() {
            return Math.abs(more.headroom() - less.headroom());
        }
    }

    /**
     * What comes of it.
     *
     * @param headroom   knee over the rate asked for: below 1 the promise breaks
     * @param itlMeanMs  mean time between tokens
     * @param attained   availability, as a share
     */
    public record Effect(double headroom, double itlMeanMs, double attained) {}

    /** All bars, the widest first. */
    public static List<Bar> of(
            final CapacityPlan plan, final FleetShape fleet, final ScreenLimits limits, final long seed) {
        final List<Bar> bars = new ArrayList<>();
        changes()
                .forEach((what, change) -> bars.add(new Bar(
                        what,
                        effect(change.apply(plan, LESS), fleet, limits, seed),
                        effect(change.apply(plan, MORE), fleet, limits, seed))));
        bars.sort(Comparator.comparingDouble((Bar bar) -> -bar.span()).thenComparing(Bar::what));
        return bars;
    }

    private static Effect effect(
            final CapacityPlan plan, final FleetShape fleet, final ScreenLimits limits, final long seed) {
        final Screen screen = new Screen(plan, limits, seed);
        return new Effect(
                screen.kneeOf(fleet) / plan.load().requestsPerSecond(),
                screen.itlMeanMs(fleet),
                new FleetSearch(plan, screen).availability(fleet).attained());
    }

    private static Map<String, BiFunction<CapacityPlan, Double, CapacityPlan>> changes() {
        final Map<String, BiFunction<CapacityPlan, Double, CapacityPlan>> changes = new java.util.LinkedHashMap<>();
        changes.put("rate", (p, f) -> p.with(p.load().at(p.load().requestsPerSecond() * f)));
        changes.put(
                "length of prompts",
                (p, f) -> p.with(p.load().with(p.load().lengths().scaled(f, 1))));
        changes.put(
                "length of answers",
                (p, f) -> p.with(p.load().with(p.load().lengths().scaled(1, f))));
        changes.put("skew of experts", (p, f) -> p.with(RoutingShares.skewed(p.routing(), f)));
        changes.put(
                "speed of the network",
                (p, f) -> p.with(p.fleet().on(p.fleet().network().scaled(f))));
        changes.put("speed of experts (memory bandwidth)", (p, f) -> faster(p, NODE, f));
        changes.put("speed of the router's kernels", (p, f) -> faster(p, COMPUTES, f));
        changes.put("speed of exchange (copying, MAC)", (p, f) -> faster(p, COPIES, f));
        changes.put("time between failures", (p, f) -> p.with(p.failures().scaled(f)));
        return changes;
    }

    private static CapacityPlan faster(final CapacityPlan plan, final Set<Quantity> what, final double speed) {
        return new CapacityPlan(
                plan.model(),
                plan.load(),
                plan.routing(),
                plan.objectives(),
                plan.fleet(),
                faster(plan.nodeClass(), what, speed),
                faster(plan.routerClass(), what, speed),
                plan.failures(),
                plan.costs(),
                plan.growth(),
                plan.assumptions());
    }

    private static DeviceClass faster(final DeviceClass device, final Set<Quantity> what, final double speed) {
        final Calibration calibration = device.calibration();
        final Map<Quantity, Fit> fits = new EnumMap<>(Quantity.class);
        calibration
                .fits()
                .forEach((quantity, fit) -> fits.put(quantity, what.contains(quantity) ? fit.times(1 / speed) : fit));
        return device.with(calibration.withFits(fits));
    }
}
