package io.cheshire.chaos.process;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Locale;

/**
 * What an experiment found.
 *
 * @param seed        draws prompts and victims
 * @param nodes       expert nodes
 * @param replicas    nodes that hold each unit
 * @param streams     streams at once
 * @param tokens      tokens of each
 * @param harm        what was done
 * @param victims     processes that it was done to, each time
 * @param warmUpRuns  runs that counted for nothing before all others
 * @param settleRuns  runs that counted for nothing between any two with harm
 * @param cores       cores of this host, which all processes share with the clients
 * @param baseline    gaps between tokens in the runs without harm
 * @param repetitions one entry a run with harm
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record KillReport(
        long seed,
        int nodes,
        int replicas,
        int streams,
        int tokens,
        Harm harm,
        int victims,
        int warmUpRuns,
        int settleRuns,
        int cores,
        Baseline baseline,
        List<Repetition> repetitions) {
    KillReport {
        repetitions = List.copyOf(repetitions);
    }

    /**
     * Gaps between two tokens of a stream in runs without harm, milliseconds.
     *
     * @param runMaxP50Ms the longest of a run, of half of the runs at most this
     * @param maxMs       the longest of all runs
     * @param busyShare   how busy the cores were during the longest one, 0 to 1
     * @param waitedMs    in the longest one, the router's agents were ready to run and had no core
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Baseline(
            int runs,
            double p50Ms,
            double p99Ms,
            double runMaxP50Ms,
            double maxMs,
            double busyShare,
            double waitedMs) {}

    /**
     * A run with harm.
     *
     * @param harmed          processes that were hurt
     * @param alteredStreams  streams whose token ids differ from the run without harm
     * @param failedStreams   streams that ended with an error
     * @param exampleError    one of the errors, or empty
     * @param p99Ms           gap that 99 % don't exceed
     * @param longestGapMs    longest gap between two tokens of any stream that ended after the first harm
     * @param aboveBaselineMs {@code longestGapMs} above the 99th percentile without harm
     * @param longestBeganMs  when it began, from the harm on: before it where negative
     * @param busyShare       how busy the cores were during the longest gap, 0 to 1
     * @param waitedMs        in the longest gap, the router's agents were ready to run and had no core
     * @param restoredMs      from the first harm until all nodes were back and every unit had its replicas again
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    record Repetition(
            List<String> harmed,
            int alteredStreams,
            int failedStreams,
            String exampleError,
            double p99Ms,
            double longestGapMs,
            double aboveBaselineMs,
            double longestBeganMs,
            double busyShare,
            double waitedMs,
            double restoredMs) {}

    int alteredStreams() {
        return repetitions.stream().mapToInt(Repetition::alteredStreams).sum();
    }

    int failedStreams() {
        return repetitions.stream().mapToInt(Repetition::failedStreams).sum();
    }

    /** The smallest value that a share of the repetitions doesn't exceed. */
    double aboveBaselineMs(final double share) {
        final double[] sorted = repetitions.stream()
                .mapToDouble(Repetition::aboveBaselineMs)
                .sorted()
                .toArray();
        return Gaps.quantile(sorted, share);
    }

    private double restoredMs(final double share) {
        return Gaps.quantile(
                repetitions.stream()
                        .mapToDouble(Repetition::restoredMs)
                        .sorted()
                        .toArray(),
                share);
    }

    /** For people. */
    String table() {
        final StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%d nodes, %d replicas, %d streams of %d tokens, %d cores, seed %d; %d runs to warm up, %d "
                        + "to settle between two with harm%n",
                nodes,
                replicas,
                streams,
                tokens,
                cores,
                seed,
                warmUpRuns,
                settleRuns));
        text.append(String.format(
                Locale.ROOT,
                "without harm (%d runs): gap between tokens p50 %.1f ms, p99 %.1f ms; longest of a run, p50 %.1f ms, of"
                        + " all %.1f ms (cores %.0f %% busy, the router waited for one for %.1f ms)%n",
                baseline.runs(),
                baseline.p50Ms(),
                baseline.p99Ms(),
                baseline.runMaxP50Ms(),
                baseline.maxMs(),
                100 * baseline.busyShare(),
                baseline.waitedMs()));
        for (final Repetition run : repetitions) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s %s: %d altered, %d failed, longest gap since then %.1f ms (%+.1f; from %.0f ms "
                            + "after the harm; cores %.0f %% busy, the"
                            + " router waited for one for %.1f ms), restored after %.0f ms%s%n",
                    harm,
                    run.harmed(),
                    run.alteredStreams(),
                    run.failedStreams(),
                    run.longestGapMs(),
                    run.aboveBaselineMs(),
                    run.longestBeganMs(),
                    100 * run.busyShare(),
                    run.waitedMs(),
                    run.restoredMs(),
                    run.exampleError().isEmpty() ? "" : ": " + run.exampleError()));
        }
        text.append(String.format(
                Locale.ROOT,
                "altered streams %d, failed streams %d; longest gap above the p99 without harm: p50 %.1f ms, p99 %.1f"
                        + " ms, longest %.1f ms over %d repetitions; restored after p50 %.0f ms, longest %.0f ms%n",
                alteredStreams(),
                failedStreams(),
                aboveBaselineMs(0.5),
                aboveBaselineMs(0.99),
                aboveBaselineMs(1),
                repetitions.size(),
                restoredMs(0.5),
                restoredMs(1)));
        return text.toString();
    }
}
