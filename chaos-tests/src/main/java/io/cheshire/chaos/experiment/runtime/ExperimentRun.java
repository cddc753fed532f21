package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ClusterMap;
import io.cheshire.chaos.experiment.core.ExperimentReport;
import io.cheshire.chaos.experiment.core.FaultRegion;
import io.cheshire.chaos.experiment.core.FileTimes;
import io.cheshire.chaos.experiment.core.LongGap;
import io.cheshire.chaos.experiment.core.ReportParameters;
import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.experiment.core.RunFigures;
import io.cheshire.chaos.experiment.core.RunMark;
import io.cheshire.chaos.experiment.core.StreamFigures;
import io.cheshire.chaos.experiment.core.StreamLine;
import io.cheshire.chaos.experiment.core.TargetChoice;
import io.cheshire.chaos.experiment.core.Verdict;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.process.CpuWatch;
import io.cheshire.chaos.process.StreamTrace;
import io.cheshire.chaos.runtime.Await;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs one experiment on a cluster that answers over HTTP: each prompt once, then the load without faults, then the
 * load with them, and
 * at last the way back. One thread, and one each for the timeline and for looking at the cluster.
 */
final class ExperimentRun {
    private static final double NS_PER_MS = 1e6;
    private static final int GAPS_KEPT = 8;
    private static final long POLL_NS = 100_000_000;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration SHORTEST_BASELINE = Duration.ofSeconds(3);
    private static final Duration LONGEST_BASELINE = Duration.ofSeconds(20);

    private final Experiment experiment;
    private final ExperimentSite site;
    private final String command;
    private final RunView view;

    /** @param command repeats the run */
    ExperimentRun(final Experiment experiment, final ExperimentSite site, final String command, final RunView view) {
        this.experiment = experiment;
        this.site = site;
        this.command = command;
        this.view = view;
    }

    /** Who is hit by what. */
    List<ResolvedFault> resolve() {
        return TargetChoice.resolve(experiment, SiteMap.of(site));
    }

    ExperimentReport run() throws InterruptedException {
        final ClusterMap map = SiteMap.of(site);
        final List<ResolvedFault> faults = TargetChoice.resolve(experiment, map);
        view.targeted(faults);
        final StreamRunner streams = new StreamRunner(site.apis(), experiment.load(), experiment.seed(), view);
        view.accept("each prompt once, to learn what it gives ...");
        final List<StreamTrace> expected = streams.once();
        expected.stream().filter(trace -> trace.error() != null).findFirst().ifPresent(trace -> {
            throw new IllegalStateException("a stream failed though nobody was hurt: " + trace.error());
        });
        final Baseline baseline = withoutFaults(streams, expected);
        return withFaults(map, faults, streams, expected, baseline);
    }

    /** @param streams of the load without faults */
    private record Baseline(double tokensPerSecond, double longestGapMs, int streams) {}

    private Baseline withoutFaults(final StreamRunner streams, final List<StreamTrace> expected)
            throws InterruptedException {
        final Duration half = experiment.load().duration().dividedBy(2);
        final Duration time = half.compareTo(SHORTEST_BASELINE) < 0
                ? SHORTEST_BASELINE
                : half.compareTo(LONGEST_BASELINE) > 0 ? LONGEST_BASELINE : half;
        // JVMs compile what they run often: a rate measured before would let any fault look harmless.
        view.accept("warming up, " + FileTimes.format(WARM_UP) + " ...");
        streams.run(WARM_UP, this::isEndAsked);
        demandNoEnd();
        view.accept("the load without faults, " + FileTimes.format(time) + " ...");
        final long startNs = System.nanoTime();
        final List<StreamLine> lines = lines(streams.run(time, this::isEndAsked), expected, startNs);
        demandNoEnd();
        for (final StreamLine line : lines) {
            if (line.end() != StreamLine.End.SAME) {
                throw new IllegalStateException(
                        "prompt " + line.prompt() + " gave other tokens the second time, or broke,"
                                + " though nobody was hurt; so nothing could be told by tokens: " + line.error());
            }
        }
        return new Baseline(
                StreamFigures.tokensPerSecond(lines, 0, time.toNanos() / NS_PER_MS),
                StreamFigures.quantileMs(StreamFigures.gaps(lines, 0), 1),
                lines.size());
    }

    private boolean isEndAsked() {
        return !view.endAsked().isEmpty();
    }

    /** Before anybody was hurt there is nothing to take back, and nothing to judge. */
    private void demandNoEnd() {
        if (isEndAsked()) {
            throw new IllegalStateException("ended before any fault was done: " + view.endAsked());
        }
    }

    private static List<StreamLine> lines(
            final Collection<SeenStream> seen, final List<StreamTrace> expected, final long startNs) {
        return seen.stream()
                .map(stream -> stream.against(expected.get(stream.prompt()), startNs))
                .sorted(Comparator.comparingDouble(StreamLine::beganMs))
                .toList();
    }

    private ExperimentReport withFaults(
            final ClusterMap map,
            final List<ResolvedFault> faults,
            final StreamRunner streams,
            final List<StreamTrace> expected,
            final Baseline baseline)
            throws InterruptedException {
        view.accept(
                "the load with faults, " + FileTimes.format(experiment.load().duration()) + " ...");
        try (ClusterWatch watch = new ClusterWatch(site, map.nodes().size(), copies(map));
                CpuWatch cores = site.watchCores()) {
            view.struck(watch);
            final FaultTimeline timeline = new FaultTimeline(experiment, faults, site, watch, streams, view);
            final Thread doing = Thread.ofPlatform().name("fault-timeline").start(timeline::run);
            final Collection<SeenStream> seen = streams.run(
                    experiment.load().duration(), () -> !timeline.aborted().isEmpty());
            doing.join();
            final List<StreamLine> lines = lines(seen, expected, watch.startNs());
            final double overMs = faults.stream()
                    .mapToDouble(fault -> fault.end().toNanos() / NS_PER_MS)
                    .max()
                    .orElse(0);
            final Double wholeMs = timeline.aborted().isEmpty() ? awaitWhole(watch, faults, overMs) : null;
            final String books = experiment.hypothesis().books() == null
                            || !timeline.aborted().isEmpty()
                    ? null
                    : new BooksLook(site.ops(), view).problem(faults);
            final boolean wasHurt = wholeMs != null && wholeMs > overMs;
            final List<RunMark> marks = timeline.marks(watch.marks(), wasHurt ? wholeMs : null);
            return report(
                    new Seen(lines, timeline.regions(), marks, cores, watch.startNs()),
                    baseline,
                    wholeMs == null ? null : Math.max(0, wholeMs - overMs),
                    books,
                    timeline.aborted());
        }
    }

    private int copies(final ClusterMap map) {
        return experiment.cluster().on() == ExperimentCluster.Kind.LOCAL
                ? experiment.cluster().copies()
                : map.holders().stream().mapToInt(List::size).min().orElse(1);
    }

    private @Nullable Double awaitWhole(
            final ClusterWatch watch, final List<ResolvedFault> faults, final double overMs) {
        final Duration asked = experiment.hypothesis().wholeAgainWithin();
        final double firstMs = faults.getFirst().fault().at().toNanos() / NS_PER_MS;
        final double askedMs = asked == null ? 0 : overMs + asked.toNanos() / NS_PER_MS;
        final double limitMs =
                Math.min(experiment.limits().maxDuration().toNanos() / NS_PER_MS, asked == null ? overMs : askedMs);
        double nowMs = nowMs(watch);
        if (asked != null && !watch.isWholeSince(overMs)) {
            view.accept("waiting until it is whole ...");
        }
        // The look must be of a moment after all that was done.
        while (nowMs < limitMs && !isEndAsked() && !watch.isWholeSince(overMs + Await.CLUSTER_POLL.toMillis())) {
            LockSupport.parkNanos(POLL_NS);
            nowMs = nowMs(watch);
        }
        return watch.wholeForGoodMs(firstMs);
    }

    private static double nowMs(final ClusterWatch watch) {
        return (System.nanoTime() - watch.startNs()) / NS_PER_MS;
    }

    /** What a run left. */
    private record Seen(
            List<StreamLine> lines,
            List<FaultRegion> regions,
            List<RunMark> marks,
            @Nullable CpuWatch cores,
            long startNs) {}

    private ExperimentReport report(
            final Seen seen,
            final Baseline baseline,
            final @Nullable Double wholeAgainMs,
            final @Nullable String books,
            final String aborted) {
        final double loadMs = experiment.load().duration().toNanos() / NS_PER_MS;
        final double sinceMs = experiment.faults().getFirst().at().toNanos() / NS_PER_MS;
        final List<LongGap> gaps = StreamFigures.gaps(seen.lines, sinceMs);
        final RunFigures figures = new RunFigures(
                seen.lines.size(),
                count(seen.lines, StreamLine.End.ALTERED),
                count(seen.lines, StreamLine.End.BROKEN),
                StreamFigures.tokensPerSecond(seen.lines, sinceMs, loadMs),
                baseline.tokensPerSecond,
                StreamFigures.quantileMs(gaps, 0.5),
                StreamFigures.quantileMs(gaps, 0.99),
                StreamFigures.quantileMs(gaps, 1),
                baseline.longestGapMs,
                wholeAgainMs,
                books);
        return new ExperimentReport(
                experiment.name(),
                experiment.description(),
                command,
                ReportParameters.of(experiment, baseline.streams),
                Verdict.of(experiment.hypothesis(), figures, aborted),
                figures,
                loadMs,
                seen.regions,
                seen.marks,
                StreamFigures.longest(gaps, GAPS_KEPT).stream()
                        .map(gap -> GapCauses.of(gap, seen.regions, seen.marks, seen.cores, seen.startNs))
                        .toList(),
                seen.lines);
    }

    private static int count(final List<StreamLine> lines, final StreamLine.End end) {
        return (int) lines.stream().filter(line -> line.end() == end).count();
    }
}
