package io.cheshire.benchmarks.serve.core;

import java.util.Formatter;
import java.util.Locale;
import java.util.Map;

/** A report for people: plain text, at most 100 columns. */
public final class ReportTable {
    private ReportTable() {}

    /** The report, lines ended by LF. */
    public static String write(final BenchReport report) {
        final StringBuilder text = new StringBuilder(1024);
        final Formatter out = new Formatter(text, Locale.ROOT);
        requests(out, report);
        out.format(
                "tokens    in %,d (%.1f/s)   out %,d (%.1f/s)%n",
                report.inputTokens(),
                report.inputTokensPerSecond(),
                report.outputTokens(),
                report.outputTokensPerSecond());
        latencies(out, report);
        goodput(out, report);
        return text.toString();
    }

    private static void requests(final Formatter out, final BenchReport report) {
        out.format(
                "requests  %,d in %.2f s: %,d ok, %,d fail, %,d info   (%.2f answered/s, at most %,d in flight)%n",
                report.requests(),
                report.wallSeconds(),
                count(report, Outcome.OK),
                count(report, Outcome.FAIL),
                count(report, Outcome.INFO),
                report.answeredPerSecond(),
                report.mostInFlight());
        for (final Map.Entry<String, Long> kind : report.kinds().entrySet()) {
            if (!kind.getKey().equals(RequestResult.Kinds.OK)) {
                final String message = report.messages().get(kind.getKey());
                out.format(
                        "          %,d x %s%s%n",
                        kind.getValue(), kind.getKey(), message == null ? "" : ", e.g. " + message);
            }
        }
        if (report.shortAnswers() > 0) {
            out.format(
                    "          %,d answers are shorter than asked: the server doesn't honour ignore_eos%n",
                    report.shortAnswers());
        }
    }

    private static void latencies(final Formatter out, final BenchReport report) {
        out.format("%n%-28s %9s %9s %9s %9s %9s %9s%n", "ms", "mean", "p50", "p90", "p95", "p99", "max");
        row(out, report, "time to first token", "ttft");
        row(out, report, "  corrected*", "ttft_corrected");
        row(out, report, "time per output token", "tpot");
        row(out, report, "inter-token latency", "itl");
        row(out, report, "end to end", "e2e");
        row(out, report, "  corrected*", "e2e_corrected");
        out.format("* for coordinated omission: %s%n", report.correction());
    }

    private static void row(final Formatter out, final BenchReport report, final String title, final String name) {
        final LatencySummary summary = report.latencies().get(name);
        if (summary == null || summary.count() == 0) {
            out.format("%-28s %9s%n", title, "none");
            return;
        }
        out.format("%-28s", title);
        summary.figures().values().forEach(ms -> out.format(" %9.2f", ms));
        out.format("%n");
    }

    private static void goodput(final Formatter out, final BenchReport report) {
        if (report.slo().given()) {
            out.format(
                    "%ngoodput   %.2f requests/s, %.1f tokens/s out: %,d of %,d requests (%.1f %%) with TTFT ≤ %s and"
                            + " TPOT ≤ %s%n",
                    report.goodRequestsPerSecond(),
                    report.goodTokensPerSecond(),
                    report.withinSlo(),
                    report.judged(),
                    100 * report.goodShare(),
                    limit(report.slo().ttftMs()),
                    limit(report.slo().tpotMs()));
        }
    }

    private static String limit(final double ms) {
        return Double.isInfinite(ms) ? "any" : String.format(Locale.ROOT, "%.1f ms", ms);
    }

    private static long count(final BenchReport report, final Outcome outcome) {
        return report.outcomes().getOrDefault(outcome, 0L);
    }
}
