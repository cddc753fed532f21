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

    /** Of what was asked for, so much must be answered while it is asked, else a queue grows. */
    private static final double KEPT_UP = 0.9;

    /** The answer is known to this share of it. */
    private static final double PRECISION = 0.03;

    private static final int MOST_STEPS = 24;

    private final List<Step> steps = new ArrayList<>();
    private double next;

    /**
     * One rate.
     *
     * @param rate        requests a second that were sent
     * @param goodShare   of the requests that kept the promises
     * @param answered    requests a second, until the last answer
     * @param ttftP90Ms   from the planned arrival
     * @param itlP99Ms    between tokens
     * @param outputRate  tokens a second
     */
    public record Step(
            double rate, double goodShare, double answered, double ttftP90Ms, double itlP99Ms, double outputRate) {
        /** Of a run at this rate. */
        public static Step of(final double rate, final BenchReport report) {
            return new Step(
                    rate,
                    report.goodShare(),
                    report.answeredPerSecond(),
                    p(report, "ttft_corrected").p90Ms(),
                    p(report, "itl").p99Ms(),
                    report.outputTokensPerSecond());
        }

        private static LatencySummary p(final BenchReport report, final String name) {
            return java.util.Objects.requireNonNull(report.latencies().get(name), name);
        }

        /** STABLE: keeps the promises; BACKLOGGED: keeps up without them; OVERLOADED: falls behind. */
        public String verdict() {
            if (answered < KEPT_UP * rate) {
                return "OVERLOADED";
            }
            return goodShare >= GOOD ? "STABLE" : "BACKLOGGED";
        }

        boolean stable() {
            return verdict().equals("STABLE");
        }
    }

    /** @param firstRate where it begins */
    public Sweep(final double firstRate) {
        next = firstRate;
    }

    /** The next rate to run at; empty when the answer is known. */
    public OptionalDouble next() {
        return steps.size() >= MOST_STEPS || (knee() > 0 && failed() / knee() - 1 <= PRECISION)
                ? OptionalDouble.empty()
                : OptionalDouble.of(next);
    }

    /** What came of it. */
    public void ran(final Step step) {
        steps.add(step);
        if (failed() == Double.POSITIVE_INFINITY) {
            next = 2 * step.rate();
        } else {
            next = knee() == 0 ? failed() / 2 : Math.sqrt(knee() * failed());
        }
    }

    /** Lowest rate that wasn't kept up with. */
    private double failed() {
        return steps.stream()
                .filter(step -> !step.stable())
                .mapToDouble(Step::rate)
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** Largest rate that was kept up with, below all that were not; 0 before one was found. */
    public double knee() {
        final double failed = failed();
        return steps.stream()
                .filter(step -> step.stable() && step.rate() < failed)
                .mapToDouble(Step::rate)
                .max()
                .orElse(0);
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
                        step.verdict())));
        return text.append(
                        knee() == 0
                                ? "no rate was kept up with\n"
                                : String.format(Locale.ROOT, "knee: %.2f requests a second%n", knee()))
                .toString();
    }
}
