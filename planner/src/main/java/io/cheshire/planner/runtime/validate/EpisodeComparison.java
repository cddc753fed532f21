package io.cheshire.planner.runtime.validate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.planner.core.calibrate.Statistics;
import io.cheshire.planner.core.outcome.LoadJudge;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.core.routing.ShareRouting;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.protocol.episodes.Episode;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.Strike;
import io.cheshire.planner.runtime.exact.EpisodePlays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** V5: failures played in the exact fidelity against reports of {@code chaos run --json}. */
final class EpisodeComparison {
    private static final double LIMIT = 0.2;
    private static final double LIMIT_MS = 30;
    private static final double MEDIAN = 0.5;
    private static final double NS_PER_MS = 1e6;
    private static final LoadJudge.Promise PROMISE = new LoadJudge.Promise(1_000_000_000, 50_000_000);

    private final CellPlan plan;
    private final StepTimes times;
    private final int plays;
    private final long seed;

    EpisodeComparison(final CellPlan plan, final StepTimes times, final int plays, final long seed) {
        this.plan = plan;
        this.times = times;
        this.plays = plays;
        this.seed = seed;
    }

    /**
     * Compares.
     *
     * @param reports of one experiment, run again and again
     * @param lasting for how long a stopped node stands still
     * @param output  tokens of its answers
     */
    List<ValidationCell> compare(
            final List<Path> reports, final Strike.Kind kind, final long lasting, final int prompt, final int output)
            throws IOException {
        final List<Double> gaps = new ArrayList<>();
        final List<Double> whole = new ArrayList<>();
        final List<Double> rates = new ArrayList<>();
        final List<Double> usual = new ArrayList<>();
        for (final Path report : reports) {
            final JsonNode figures =
                    new ObjectMapper().readTree(report.toFile()).path("figures");
            if (!figures.has("longest_gap_ms")) {
                throw new PlanRefused(
                        List.of(report + " has no figures.longest_gap_ms: give reports of chaos run --json"));
            }
            gaps.add(figures.path("longest_gap_ms").asDouble());
            usual.add(figures.path("fault_free_gap_ms").asDouble());
            whole.add(figures.path("whole_again_ms").asDouble() + lasting / NS_PER_MS);
            rates.add(figures.path("fault_free_per_second").asDouble() / output);
        }
        final double rate = Statistics.quantile(rates, MEDIAN);
        final Episode episode = new EpisodePlays(
                        plan,
                        times,
                        ShareRouting.uniform(
                                times.shape().layerCount(), times.shape().expertCount()),
                        new EpisodePlays.Load(
                                rate,
                                Math.max(40, (int) (rate * 12)),
                                new Lengths(prompt, prompt),
                                new Lengths(output, output)),
                        PROMISE)
                .play(kind, lasting, plays, seed);
        final String words = String.format(
                Locale.ROOT,
                "%s, %d nodes, R%d, %.1f requests/s, %d reports",
                kind,
                plan.size().nodes(),
                plan.size().replicas(),
                rate,
                reports.size());
        final String note = String.format(
                Locale.ROOT, "longest gap without faults %.0f ms (median)", Statistics.quantile(usual, MEDIAN));
        return List.of(
                cell(words, "longest gap p50, ms", gaps, MEDIAN, episode.gapNs().ns(), note),
                cell(words, "longest gap max, ms", gaps, 1, episode.gapNs().ns(), note),
                cell(
                        words,
                        "until whole p50, ms",
                        whole,
                        MEDIAN,
                        episode.wholeNs().ns(),
                        ""));
    }

    /** Episodes have the median in the middle of their quantiles, and the most at their end. */
    private static ValidationCell cell(
            final String words,
            final String figure,
            final List<Double> measured,
            final double share,
            final List<Double> predictedNs,
            final String note) {
        final double reference = Statistics.quantile(measured, share);
        final double predicted = predictedNs.get(share == 1 ? predictedNs.size() - 1 : 2) / NS_PER_MS;
        final double limit = figure.contains("gap") ? Math.max(LIMIT, LIMIT_MS / reference) : LIMIT;
        return new ValidationCell("V5", words, figure, reference, predicted, limit, note);
    }

    /** All files that a pattern such as {@code reports/*.json} names. */
    static List<Path> matching(final Path pattern) throws IOException {
        final Path folder = pattern.toAbsolutePath().getParent();
        final List<Path> found = new ArrayList<>();
        if (folder != null && Files.isDirectory(folder)) {
            try (java.nio.file.DirectoryStream<Path> files =
                    Files.newDirectoryStream(folder, String.valueOf(pattern.getFileName()))) {
                files.forEach(found::add);
            }
        }
        if (found.isEmpty()) {
            throw new PlanRefused(List.of(pattern + " names no file"));
        }
        found.sort(null);
        return found;
    }
}
