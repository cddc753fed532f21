package io.cheshire.benchmarks.engine.core;

import io.cheshire.benchmarks.engine.core.Activity.Part;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A report for people. */
public final class EngineTable {
    private static final double GIGA = 1e9;
    private static final double MEBI = 1 << 20;
    private static final double NS_PER_MS = 1e6;
    private static final int PERCENT = 100;

    private EngineTable() {}

    /** Rates, memory bound, splits of the time and memory, as lines of text. */
    public static String write(final EngineReport report) {
        final StringBuilder text = new StringBuilder();
        try (Formatter out = new Formatter(text, Locale.ROOT)) {
            out.format("memory reads %.1f GB/s%n%n", report.memoryBytesPerSecond() / GIGA);
            rates(out, report);
            ratios(out, report);
            for (final EngineCase ofCase : report.cases()) {
                for (final Mode mode : report.modes()) {
                    details(out, report, report.typical(ofCase, mode));
                }
            }
            footprint(out, report.footprint());
        }
        return text.toString();
    }

    private static void rates(final Formatter out, final EngineReport report) {
        out.format(
                "%-34s %-16s %12s %10s %12s %12s %12s%n",
                "case (median of rounds)", "experts", "prefill", "TTFT", "decode", "of memory", "heap");
        out.format("%-34s %-16s %12s %10s %12s %12s %12s%n", "", "", "tok/s", "ms", "tok/s", "bound", "B/token");
        for (final EngineCase ofCase : report.cases()) {
            for (final Mode mode : report.modes()) {
                out.format(
                        "%-34s %-16s %12.1f %10.1f %12.1f %11.1f%% %12.0f%n",
                        ofCase,
                        mode.label(),
                        report.median(ofCase, mode, Round::prefillTokensPerSecond),
                        report.median(ofCase, mode, Round::slowestFirstTokenNs) / NS_PER_MS,
                        report.median(ofCase, mode, Round::decodeTokensPerSecond),
                        PERCENT
                                * report.median(
                                        ofCase,
                                        mode,
                                        round -> report.bound(round).share()),
                        report.median(ofCase, mode, Round::allocatedPerToken));
            }
        }
    }

    private static void ratios(final Formatter out, final EngineReport report) {
        out.format("%n");
        for (final EngineCase ofCase : report.cases()) {
            ratio(out, ofCase, "prefill", report.ratio(ofCase, Round::prefillTokensPerSecond));
            ratio(out, ofCase, "decode", report.ratio(ofCase, Round::decodeTokensPerSecond));
        }
    }

    private static void ratio(
            final Formatter out, final EngineCase ofCase, final String rate, final Optional<PairedRatio> measured) {
        measured.ifPresent(ratio -> out.format(
                "%s: over Aeron runs at %.1f %% of the direct %s rate (median of %d rounds, %.1f to %.1f %%)%n",
                ofCase,
                PERCENT * ratio.median(),
                rate,
                ratio.pairs(),
                PERCENT * ratio.lowest(),
                PERCENT * ratio.highest()));
    }

    private static void details(final Formatter out, final EngineReport report, final Round round) {
        out.format("%n%s, experts %s%n", round.ofCase(), round.mode().label());
        final MemoryBound bound = report.bound(round);
        final Interval decode = round.decode();
        final double steps = Math.max(1, decode.count(Tally.STEPS));
        out.format(
                "  a decode step: %.1f rows, %.1f unit calls of %.1f rows; reads %.1f MiB (units %.1f, "
                        + "router %.1f, KV %.1f)"
                        + " at %.1f steps/s = %.1f GB/s%n",
                decode.count(Tally.HEAD_ROWS) / steps,
                decode.count(Tally.UNIT_CALLS) / steps,
                (double) decode.count(Tally.UNIT_ROWS) / Math.max(1, decode.count(Tally.UNIT_CALLS)),
                bound.stepBytes() / MEBI,
                bound.unitBytes() / MEBI,
                bound.routerBytes() / MEBI,
                bound.kvBytes() / MEBI,
                bound.stepsPerSecond(),
                bound.bytesPerSecond() / GIGA);
        for (int i = 0; i < decode.splits().size(); i++) {
            if (i < round.prefill().splits().size()) {
                split(out, round.prefill().splits().get(i), decode.splits().get(i));
            }
        }
        lanes(out, round);
    }

    private static void split(final Formatter out, final Split prefill, final Split decode) {
        out.format(
                "  thread %-38s prefill %9.1f ms      decode %9.1f ms%n",
                decode.thread(), prefill.wallNs() / NS_PER_MS, decode.wallNs() / NS_PER_MS);
        for (final Part part : Part.values()) {
            if (prefill.nanos(part) + decode.nanos(part) > 0) {
                out.format(
                        "    %-43s %17.1f%% %19.1f%%%n",
                        part.label(), PERCENT * prefill.share(part), PERCENT * decode.share(part));
                activities(out, part, prefill, decode);
            }
        }
    }

    private static void activities(final Formatter out, final Part part, final Split prefill, final Split decode) {
        final List<Activity> of = Activity.of(part);
        for (final Activity activity : of) {
            if (of.size() > 1 && prefill.nanos(activity) + decode.nanos(activity) > 0) {
                out.format(
                        "      %-41s %17.1f%% %19.1f%%%n",
                        activity.label(), PERCENT * prefill.share(activity), PERCENT * decode.share(activity));
            }
        }
    }

    private static void lanes(final Formatter out, final Round round) {
        out.format("  lanes, while decoding:");
        final double total =
                round.laneNs().values().stream().mapToLong(Long::longValue).sum();
        round.laneNs().forEach((phase, ns) -> {
            if (ns > 0) {
                out.format(" %s %.1f%%", phase, PERCENT * ns / total);
            }
        });
        out.format("%n");
    }

    private static void footprint(final Formatter out, final EngineReport.Footprint memory) {
        out.format(
                "%nmemory: units %.0f MiB + router %.0f MiB + KV %.0f MiB = %.0f MiB",
                memory.unitBytes() / MEBI,
                memory.routerBytes() / MEBI,
                memory.kvBytes() / MEBI,
                memory.neededBytes() / MEBI);
        final Long resident = memory.process().get("VmRSS");
        if (resident != null) {
            out.format(
                    "; process %.0f MiB, %.0f MiB more; %s%n",
                    resident / MEBI, (resident - memory.neededBytes()) / MEBI, inMebibytes(memory));
        } else {
            out.format("; the process's own size is unknown here%n");
        }
    }

    private static String inMebibytes(final EngineReport.Footprint memory) {
        final StringBuilder text = new StringBuilder();
        memory.process()
                .forEach((name, bytes) -> text.append(
                        String.format(Locale.ROOT, "%s%s %.0f", text.isEmpty() ? "" : ", ", name, bytes / MEBI)));
        return text.toString();
    }
}
