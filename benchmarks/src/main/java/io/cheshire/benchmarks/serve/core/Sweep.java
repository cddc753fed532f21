package io.cheshire.benchmarks.serve.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Looks for the largest rate that a server keeps up with: doubles while it does, then halves the distance. Pure.
 */
public final class Sweep {
    /** Share of the requests that must keep the promises. */
    public static final double GOOD = 0.99;

    /** The answer is known to this share of it. */
    private static final double PRECISION = 0.03;

    private static final int MOST_STEPS = 24;

    private final List<Step> steps = new ArrayList<>();
    private final KneeSearch search;

    /**
     * One rate.
     *
     * @param rate       requests a second that were sent
     * @param goodShare  of the requests that kept the promises
     * @param answered   requests a second, until the last answer
     * @param ttftMeanMs from the planned arrival
     * @param ttftP90Ms  likewise
     * @param itlP99Ms   between tokens
     * @param outputRate tokens a second
     */
    public record Step(
            double rate,
            double goodShare,
            double answered,
            double ttftMeanMs,
            double ttftP90Ms,
            double itlP99Ms,
            double outputRate) {
        /** Of a run at this rate. */
        public static Step of(final double rate, final BenchReport report) {
            final LatencySummary ttft = p(report, "ttft_corrected");
            return new Step(
                    rate,
                    report.goodShare(),
                    report.answeredPerSecond(),
                    ttft.meanMs(),
                    ttft.p90Ms(),
                    p(report, "itl").p99Ms(),
                    report.outputTokensPerSecond());
        }

        private static LatencySummary p(final BenchReport report, final String name) {
            return java.util.Objects.requireNonNull(report.latencies().get(name), name);
        }
    }

    /** @param firstRate where it begins: an easy one, since from it the sweep learns how long a prompt takes */
    public Sweep(final double firstRate) {
        search = new KneeSearch(firstRate, PRECISION, MOST_STEPS);
    }

    /** The next rate to run at; empty when the answer is known. */
    public OptionalDouble next() {
        return search.next();
    }

    /** What came of it. */
    public void ran(final Step step) {
        steps.add(step);
        search.ran(step.rate(), state(step) == LoadState.STABLE && step.goodShare() >= GOOD);
    }

    /** How the server stood to a rate: what a prompt takes by itself is the least mean time to a first token. */
    public LoadState state(final Step step) {
        final double aloneMs =
                steps.stream().mapToDouble(Step::ttftMeanMs).min().orElse(step.ttftMeanMs());
        return LoadState.of(step.answered() >= LoadState.KEPT_UP * step.rate(), step.ttftMeanMs() - aloneMs, aloneMs);
    }

    /** Largest rate that was kept up with, below all that were not; 0 before one was found. */
    public double knee() {
        return search.knee();
    }

    /** All rates so far, in the order in which they ran. */
    public List<Step> steps() {
        return List.copyOf(steps);
    }

    /** For people. */
    public String table() {
        final StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%10s %9s %12s %12s %12s %10s  %s%n",
                "req/s",
                "good",
                "answered/s",
                "TTFT p90 ms",
                "ITL p99 ms",
                "tok/s",
                "verdict"));
        steps.stream()
                .sorted(Comparator.comparingDouble(Step::rate))
                .forEach(step -> text.append(String.format(
                        Locale.ROOT,
                        "%10.2f %8.1f%% %12.2f %12.1f %12.1f %10.0f  %s%n",
                        step.rate(),
                        100 * step.goodShare(),
                        step.answered(),
                        step.ttftP90Ms(),
                        step.itlP99Ms(),
                        step.outputRate(),
                        state(step))));
        return text.append(
                        knee() == 0
                                ? "no rate was kept up with\n"
                                : String.format(Locale.ROOT, "knee: %.2f requests a second%n", knee()))
                .toString();
    }
}
