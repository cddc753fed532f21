package io.cheshire.planner.runtime.plan;

import io.cheshire.planner.core.workload.ArrivalFigures;
import io.cheshire.planner.core.workload.LengthMixes;
import io.cheshire.planner.core.workload.RoutingShares;
import io.cheshire.planner.core.workload.TraceFigures;
import io.cheshire.planner.core.workload.WorkloadPreset;
import io.cheshire.planner.protocol.plan.ExpertChoices;
import io.cheshire.planner.protocol.plan.LengthMix;
import io.cheshire.planner.protocol.plan.PlannedLoad;
import io.cheshire.planner.protocol.plan.PlannedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** {@code plan.workload}. */
final class WorkloadReader {
    private static final double MOST_TOKENS = 1e7;
    private static final int COHORT_REQUESTS = 512;

    private final PlanSection workload;
    private final Path base;
    private final long seed;
    private final List<String> assumptions;
    private final Map<String, TraceFigures> given;

    /** @param given traces that are known by a name, and no files */
    WorkloadReader(
            final PlanSection workload,
            final Path base,
            final long seed,
            final List<String> assumptions,
            final Map<String, TraceFigures> given) {
        this.given = given;
        this.workload = workload;
        this.base = base;
        this.seed = seed;
        this.assumptions = assumptions;
    }

    PlannedLoad load() {
        final String trace = workload.textOrNull("trace");
        final boolean cohorts = workload.has("cohorts");
        final boolean lengths = workload.has("prompt") || workload.has("output");
        final long sources = Stream.of(trace != null, cohorts, lengths, workload.has("preset"))
                .filter(given -> given)
                .count();
        if (sources > 1) {
            workload.refuse(
                    workload.has("preset") ? "preset" : lengths ? "prompt" : "trace",
                    "lengths come from one place only: trace, cohorts, preset, or prompt and output");
        }
        return trace == null ? described(cohorts) : traced(trace);
    }

    private PlannedLoad traced(final String named) {
        final TraceFigures known = given.get(named);
        final TraceFigures trace = known == null ? TraceFinder.arrivals(workload, base.resolve(named), named) : known;
        if (trace == null) {
            return described(false);
        }
        final ArrivalFigures figures = trace.arrivals();
        final LengthMix mix = trace.lengths();
        final double speed = workload.real("speed", 1, 1e-6, 1e6);
        final boolean rated = workload.has("rate");
        if (rated && workload.has("speed")) {
            workload.refuse("speed", "speed and rate both say how fast the trace is played; keep one");
        }
        final double peak = peak();
        final double rate = peak * (rated ? rate(0) : figures.perSecond() * speed);
        if (figures.busiest() > 1.05) {
            assumptions.add(String.format(
                    Locale.ROOT,
                    "the trace's busiest minute has %.2f times its mean rate; the plan carries %.4g requests/s",
                    figures.busiest(),
                    rate));
        }
        final String sharing = sharing();
        final double shared = sharing.equals("trace") ? trace.prefixShare() : 0;
        return new PlannedLoad(
                rate,
                cv(figures.gapCv()),
                mix,
                Math.min(0.99, shared + fixedPrefix(mix)),
                String.format(
                        Locale.ROOT,
                        "%s, %d requests at %.4g/s%s",
                        trace.name(),
                        trace.requests(),
                        figures.perSecond(),
                        rated || speed != 1 ? String.format(Locale.ROOT, ", played at %.4g/s", rate) : ""));
    }

    private PlannedLoad described(final boolean cohorts) {
        final LengthMix mix = cohorts ? cohorts() : fixed();
        if (workload.has("speed")) {
            workload.refuse("speed", "is for a trace; give rate");
        }
        if (sharing().equals("trace")) {
            workload.refuse("prefix-sharing", "needs a trace with hash_ids (Mooncake); give none or fixed { tokens }");
        }
        final double rate = peak() * rate(1);
        return new PlannedLoad(
                rate,
                cv(1),
                mix,
                Math.min(0.99, fixedPrefix(mix)),
                cohorts
                        ? workload.sections("cohorts").size() + " cohorts"
                        : workload.has("preset")
                                ? preset().words()
                                : String.format(
                                        Locale.ROOT, "%.0f tokens in, %.0f out", mix.meanPrompt(), mix.meanOutput()));
    }

    private double rate(final double otherwise) {
        return workload.parsed("rate", "must be a rate, such as 40/s or 10e6/day", PlanRates::perSecond, otherwise);
    }

    private double peak() {
        final double peak = workload.real("peak", 1, 1, 100);
        if (peak > 1) {
            assumptions.add("the busiest time has " + peak + " times the mean rate; the plan carries that");
        }
        return peak;
    }

    private double cv(final double otherwise) {
        if (workload.isSection("arrivals")) {
            return workload.section("arrivals").section("gamma").real("cv", 1, 0, 20);
        }
        final String otherwiseWord = otherwise == 1 ? "poisson" : "trace";
        return switch (workload.word("arrivals", otherwiseWord, List.of("poisson", "constant", otherwiseWord))) {
            case "poisson" -> 1;
            case "constant" -> 0;
            default -> otherwise;
        };
    }

    private String sharing() {
        return workload.isSection("prefix-sharing")
                ? "fixed"
                : workload.word("prefix-sharing", "none", List.of("none", "trace"));
    }

    private double fixedPrefix(final LengthMix mix) {
        return workload.isSection("prefix-sharing")
                ? workload.section("prefix-sharing").section("fixed").real("tokens", 0, 0, MOST_TOKENS)
                        / mix.meanPrompt()
                : 0;
    }

    private WorkloadPreset preset() {
        final List<String> names = new ArrayList<>();
        for (final WorkloadPreset each : WorkloadPreset.values()) {
            names.add(each.name().toLowerCase(Locale.ROOT));
        }
        return WorkloadPreset.valueOf(workload.word("preset", "chat", names).toUpperCase(Locale.ROOT));
    }

    private LengthMix fixed() {
        if (!workload.has("prompt") && !workload.has("output")) {
            if (!workload.has("preset")) {
                assumptions.add("nobody said how long requests are: preset " + preset().words());
            }
            return preset().lengths();
        }
        return LengthMix.fixed(
                workload.real("prompt", 512, 1, MOST_TOKENS), workload.real("output", 256, 1, MOST_TOKENS));
    }

    private LengthMix cohorts() {
        final List<LengthMixes.Lengths> all = new ArrayList<>();
        final SplittableRandom random = new SplittableRandom(seed);
        double shares = 0;
        for (final PlanSection cohort : workload.sections("cohorts")) {
            final double share = cohort.real("share", 1, 0, 1);
            final double turns = cohort.real("turns", 1, 1, 1_000);
            final double prefix = cohort.real("prefix", 0, 0, MOST_TOKENS);
            shares += share;
            // A later turn's prompt has all that was said before it: half of the turns on average.
            for (final LengthMixes.Lengths drawn : LengthMixes.draw(
                    law(cohort, "prompt", 512),
                    law(cohort, "output", 256),
                    Math.max(1, (int) Math.round(share * COHORT_REQUESTS)),
                    random)) {
                final double before = (turns - 1) / 2 * (drawn.promptTokens() + drawn.outputTokens());
                all.add(new LengthMixes.Lengths(prefix + before + drawn.promptTokens(), drawn.outputTokens()));
            }
        }
        if (Math.abs(shares - 1) > 0.01) {
            workload.refuse("cohorts", "their shares add up to " + shares + "; they must add up to 1");
        }
        return all.isEmpty() ? WorkloadPreset.CHAT.lengths() : LengthMixes.of(all);
    }

    private static LengthMixes.LogNormal law(final PlanSection cohort, final String key, final double otherwise) {
        if (cohort.isSection(key)) {
            final PlanSection law = cohort.section(key).section("lognormal");
            return new LengthMixes.LogNormal(law.real("median", otherwise, 1, MOST_TOKENS), law.real("sigma", 1, 0, 5));
        }
        return new LengthMixes.LogNormal(cohort.real(key, otherwise, 1, MOST_TOKENS), 0);
    }

    ExpertChoices routing(final PlannedModel model) {
        final int layers = model.shape().layerCount();
        final int experts = model.shape().expertCount();
        if (workload.isSection("routing")) {
            final double alpha = workload.section("routing").section("zipf").real("alpha", 0.2, 0, 5);
            assumptions.add("routing is Zipf's law with alpha " + alpha + ": nobody recorded it");
            return RoutingShares.zipf(layers, experts, alpha, seed);
        }
        final String named = workload.text("routing", "uniform");
        if (!named.equals("uniform")) {
            final Path file = base.resolve(named);
            try {
                final ExpertChoices found = RoutingShares.of(TraceFinder.routing(file), named, layers, experts);
                if (found.assumed()) {
                    assumptions.add("routing: " + found.source());
                }
                return found;
            } catch (final IOException | IllegalArgumentException | java.io.UncheckedIOException wrong) {
                workload.refuse(
                        "routing",
                        (Files.exists(file) ? "can't be read: " + wrong.getMessage() : "is no file")
                                + ": give a file of serve --record-routing, zipf { alpha = 0.2 } or uniform");
            }
        }
        assumptions.add("routing is uniform: nobody recorded it, and every skew costs more");
        return RoutingShares.uniform(layers, experts);
    }
}
