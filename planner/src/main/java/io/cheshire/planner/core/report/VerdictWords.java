package io.cheshire.planner.core.report;

import io.cheshire.planner.core.failure.Availability;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.core.screen.StepTime;
import io.cheshire.planner.core.search.Candidate;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import java.util.ArrayList;
import java.util.List;

/** The answer in sentences, the one that matters first. */
public final class VerdictWords {
    private VerdictWords() {}

    /** Of a fleet under a plan. */
    public static List<String> of(final CapacityPlan plan, final Candidate chosen) {
        final ScreenResult found = chosen.screen();
        final List<String> words = new ArrayList<>();
        final String rate = Figures.plain(found.perSecond()) + " requests/s";
        words.add(
                chosen.keeps()
                        ? chosen.fleet().words() + " carry " + rate + " and keep every objective (" + found.state()
                                + ")."
                        : chosen.fleet().words() + " do NOT do for " + rate + ": " + String.join("; ", chosen.misses())
                                + ".");
        if (found.fits()) {
            words.add("Knee at " + Figures.of(found.knee()) + " requests/s, falls behind above "
                    + Figures.of(found.saturation()) + "; what holds it back: "
                    + found.bottleneck().words() + ".");
            words.add("TTFT p95 " + Figures.ms(found.bands().ttftP95Ms()) + ", ITL mean "
                    + Figures.ms(found.bands().itlMeanMs()) + ", p99 "
                    + Figures.ms(found.bands().itlP99Ms()) + ".");
        }
        if (chosen.availability() != null) {
            words.addAll(ofFailures(plan, chosen.availability()));
        }
        if (plan.costs().isGiven()) {
            words.add("It costs " + Figures.plain(plan.costs().perHour(chosen.fleet())) + " an hour, "
                    + Figures.plain(plan.costs().perMonth(chosen.fleet())) + " a month.");
        }
        words.add(
                plan.isAssumed()
                        ? "ASSUMED, not calibrated: times come from data sheets; intervals are that wide."
                        : found.outside().isEmpty()
                                ? "Inside what was calibrated."
                                : "OUTSIDE what was calibrated: " + String.join(", ", found.outside()) + ".");
        return words;
    }

    /** Of its failures. */
    public static List<String> ofFailures(final CapacityPlan plan, final Availability found) {
        final List<String> words = new ArrayList<>();
        final int racks = plan.fleet().racks();
        words.add("Your replicas survive any one node: "
                + Figures.yes(found.survives().anyNode())
                + "; any one rack: "
                + (racks < 2
                        ? "not known, since no racks are planned (fleet.racks)"
                        : Figures.yes(found.survives().anyRack()))
                + ".");
        words.add(Figures.nines(found.attained()) + " of the year: "
                + Figures.seconds(found.usedSeconds()) + " a month are lost"
                + (plan.objectives().availability() > 0
                        ? ", "
                                + Figures.seconds(Availability.budgetSeconds(
                                        plan.objectives().availability())) + " are allowed"
                        : "")
                + " (a unit without holder " + Figures.seconds(found.lost().withoutHolder() / 12) + ", gaps "
                + Figures.seconds(found.lost().gaps() / 12) + ", too little capacity "
                + Figures.seconds(found.lost().tooSlow() / 12) + "); " + Figures.plain(found.nodeFailures())
                + " failures of nodes a year"
                + (Double.isInfinite(found.secondYears())
                        ? ""
                        : ", a second one in the first one's window every " + Figures.plain(found.secondYears())
                                + " years")
                + ".");
        return words;
    }

    /** Where a token's time goes: names and ms, which add up to a mean step. */
    public static List<Part> waterfall(final StepTime step, final int layers) {
        final double ms = 1e-6;
        final List<Part> parts = new ArrayList<>();
        parts.add(new Part("attention", layers * step.router().attentionNs() * ms));
        parts.add(new Part("projections, gate, combine", layers * step.router().projectionsNs() * ms));
        parts.add(new Part(
                "copying and authenticating rows", layers * step.router().copyNs() * ms));
        parts.add(new Part("exchange", layers * step.exchangeNs() * ms));
        parts.add(new Part("wire", layers * step.wireNs() * ms));
        parts.add(new Part("experts, a mean node", layers * step.meanNs() * ms));
        parts.add(
                new Part("waiting for the slowest node", layers * Math.max(0, step.slowestNs() - step.meanNs()) * ms));
        parts.add(new Part("queueing at nodes", layers * step.queueNs() * ms));
        parts.add(new Part("head, sampler, scheduling", step.extraNs() * ms));
        final double sum = parts.stream().mapToDouble(Part::ms).sum();
        parts.add(new Part("waiting for the other lanes", Math.max(0, step.totalNs() * ms - sum)));
        return parts;
    }

    /** A part of a token's time. */
    public record Part(String name, double ms) {}
}
