package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ClusterMap;
import io.cheshire.chaos.experiment.core.FaultRegion;
import io.cheshire.chaos.experiment.core.FileTimes;
import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.experiment.core.RunMark;
import io.cheshire.chaos.experiment.core.TargetChoice;
import io.cheshire.chaos.experiment.protocol.AbortRule;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.process.ClusterLook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Does what the timeline says when it is due, and ends the experiment where its limits or its abort rule say so. Runs
 * on a thread of its
 * own; what it kept is read when that has ended.
 */
final class FaultTimeline {
    private static final long SLICE_NS = 10_000_000;
    private static final double NS_PER_MS = 1e6;
    private static final int STREAMS_AT_LEAST = 10;

    private final Experiment experiment;
    private final ExperimentSite site;
    private final ClusterWatch watch;
    private final StreamRunner streams;
    private final RunView view;
    private final List<ResolvedFault> toBegin;
    private final List<ResolvedFault> toEnd = new ArrayList<>();
    private final List<FaultRegion> regions = new ArrayList<>();
    private final List<RunMark> marks = new ArrayList<>();
    private volatile String aborted = "";

    FaultTimeline(
            final Experiment experiment,
            final List<ResolvedFault> faults,
            final ExperimentSite site,
            final ClusterWatch watch,
            final StreamRunner streams,
            final RunView view) {
        this.experiment = experiment;
        this.site = site;
        this.watch = watch;
        this.streams = streams;
        this.view = view;
        this.toBegin = new ArrayList<>(faults);
    }

    /** Why the experiment ended early; empty while it hasn't. */
    String aborted() {
        return aborted;
    }

    List<FaultRegion> regions() {
        return List.copyOf(regions);
    }

    /**
     * What was done, in order of time among what the cluster decided, and when it was whole again if it wasn't
     * always.
     */
    List<RunMark> marks(final List<RunMark> decided, final @Nullable Double wholeMs) {
        final List<RunMark> all = new ArrayList<>(marks);
        all.addAll(decided);
        if (wholeMs != null) {
            all.add(new RunMark(
                    wholeMs, RunMark.Kind.WHOLE, "every node serves and every unit has its copies, for good"));
        }
        all.sort(Comparator.comparingDouble(RunMark::atMs));
        return all;
    }

    /** Does all of it, and watches until the load is over. */
    void run() {
        try {
            while (aborted.isEmpty()
                    && (!toBegin.isEmpty()
                            || !toEnd.isEmpty()
                            || nowMs() < experiment.load().duration().toMillis())) {
                endDue(false);
                beginDue();
                checkAbort();
                LockSupport.parkNanos(SLICE_NS);
            }
        } catch (final RuntimeException | InterruptedException failure) {
            abort("a fault couldn't be done: " + failure.getMessage());
        } finally {
            endAll();
        }
    }

    private double nowMs() {
        return (System.nanoTime() - watch.startNs()) / NS_PER_MS;
    }

    private void beginDue() {
        while (aborted.isEmpty()
                && !toBegin.isEmpty()
                && isDue(toBegin.getFirst().fault().at())) {
            final ResolvedFault fault = toBegin.removeFirst();
            final String problem = problem(fault);
            if (!problem.isEmpty()) {
                abort("not done: " + fault.words() + ": " + problem);
                return;
            }
            final double beganMs = nowMs();
            site.begin(fault);
            view.began(fault, beganMs);
            note(new RunMark(beganMs, RunMark.Kind.FAULT, fault.words()));
            if (fault.fault().kind().lasts()) {
                toEnd.add(fault);
            } else {
                over(fault, beganMs, beganMs);
            }
        }
    }

    private void over(final ResolvedFault fault, final double fromMs, final double toMs) {
        regions.add(new FaultRegion(fromMs, toMs, fault.words()));
        view.ended(fault, fromMs, toMs);
    }

    private boolean isDue(final Duration at) {
        return nowMs() >= at.toNanos() / NS_PER_MS;
    }

    /** What the limits say against it as the cluster is now. */
    private String problem(final ResolvedFault fault) {
        final ClusterLook look = watch.latest();
        if (look == null
                || !TargetChoice.isDownBy(fault.fault().kind())
                || fault.nodes().isEmpty()) {
            return "";
        }
        final List<Integer> away = Stream.concat(
                        fault.nodes().stream(),
                        look.holders().stream()
                                .flatMap(List::stream)
                                .filter(node -> !look.serving().contains(node)))
                .distinct()
                .sorted()
                .toList();
        return TargetChoice.beyond(
                experiment.limits(), away, new ClusterMap(look.serving(), 1, look.expertsPerLayer(), look.holders()));
    }

    private void endDue(final boolean all) throws InterruptedException {
        for (final ResolvedFault fault : List.copyOf(toEnd)) {
            if (all || isDue(fault.end())) {
                toEnd.remove(fault);
                site.end(fault);
                over(fault, fault.fault().at().toNanos() / NS_PER_MS, nowMs());
                note(new RunMark(nowMs(), RunMark.Kind.HEALED, "over: " + fault.words()));
            }
        }
    }

    private void endAll() {
        try {
            endDue(true);
        } catch (final RuntimeException | InterruptedException failure) {
            view.accept("couldn't be taken back: " + failure.getMessage());
        }
        site.heal();
    }

    private void checkAbort() {
        final String asked = view.endAsked();
        if (!asked.isEmpty()) {
            abort(asked);
            return;
        }
        final AbortRule rule = experiment.abort();
        final Duration longest = rule.longestGapAbove();
        final double silenceMs = streams.longestSilenceMs();
        if (longest != null && silenceMs > longest.toNanos() / NS_PER_MS) {
            abort("abort.longest-gap-above: a stream had no token for " + FileTimes.formatMs(silenceMs) + ", above "
                    + FileTimes.format(longest));
        }
        final Double rate = rule.errorRateAbove();
        final int ended = streams.ended();
        if (rate != null && ended >= STREAMS_AT_LEAST && streams.broken() > rate * ended) {
            abort("abort.error-rate-above: " + streams.broken() + " of " + ended + " streams broke, above "
                    + Math.round(100 * rate) + " %");
        }
        if (nowMs() > experiment.limits().maxDuration().toMillis()) {
            abort("limits.max-duration: " + FileTimes.format(experiment.limits().maxDuration()) + " are over");
        }
    }

    private void abort(final String why) {
        aborted = why;
        view.accept("ends early: " + why);
    }

    private void note(final RunMark mark) {
        marks.add(mark);
        view.accept(FileTimes.formatMs(mark.atMs()) + "  " + mark.text());
    }
}
