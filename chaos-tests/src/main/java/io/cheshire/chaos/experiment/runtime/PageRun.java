package io.cheshire.chaos.experiment.runtime;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.experiment.core.FileTimes;
import io.cheshire.chaos.experiment.core.LiveBuckets;
import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.experiment.core.RunMark;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.http.core.console.ChaosState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An experiment of the console while it runs: what its page shows, and the wish that it end. Safe from any thread. */
final class PageRun implements RunView {
    /** Beyond the file's own limit: the prompts once, warming up, the load without faults, the books. */
    private static final Duration AROUND = Duration.ofMinutes(3);

    private static final int MOST_WORDS = 40;
    private static final long NS_PER_MS = 1_000_000;

    private final String id;
    private final Experiment experiment;
    private final long startedMs = System.currentTimeMillis();
    private final long startedNs = System.nanoTime();
    private final LiveBuckets buckets = new LiveBuckets();
    private final Deque<Said> said = new ArrayDeque<>();
    private final List<Region> regions = new ArrayList<>();
    private List<ResolvedFault> targets = List.of();
    private @Nullable ClusterWatch watch;
    private long struckMs = -1;
    private volatile String end = "";

    private record Said(long atMs, String text) {}

    /** @param toMs negative while it lasts */
    private record Region(ResolvedFault fault, double fromMs, double toMs) {}

    PageRun(final String id, final Experiment experiment) {
        this.id = id;
        this.experiment = experiment;
    }

    ChaosState.Running shown() {
        return new ChaosState.Running(id, experiment.name(), on(), startedMs, startedMs + limitMs());
    }

    String on() {
        return experiment.cluster().on().name().toLowerCase(Locale.ROOT);
    }

    /** What the archive shows of it. */
    ReportArchive.Head head(final String outcome, final String why) {
        return new ReportArchive.Head(id, experiment.name(), on(), startedMs, outcome, why);
    }

    private long limitMs() {
        return experiment.limits().maxDuration().plus(AROUND).toMillis();
    }

    private long nowMs() {
        return (System.nanoTime() - startedNs) / NS_PER_MS;
    }

    void end(final String why) {
        end = why;
    }

    @Override
    public String endAsked() {
        return end.isEmpty() && nowMs() > limitMs()
                ? "it took longer than " + FileTimes.formatMs((double) limitMs()) + " in all"
                : end;
    }

    @Override
    public synchronized void accept(final String text) {
        said.addLast(new Said(nowMs(), text));
        if (said.size() > MOST_WORDS) {
            said.removeFirst();
        }
    }

    @Override
    public synchronized void targeted(final List<ResolvedFault> faults) {
        targets = List.copyOf(faults);
    }

    @Override
    public synchronized void struck(final ClusterWatch looks) {
        watch = looks;
        struckMs = nowMs();
    }

    @Override
    public synchronized void token(final long nowNs, final long gapNs) {
        buckets.token((nowNs - startedNs) / NS_PER_MS, gapNs / NS_PER_MS);
    }

    @Override
    public synchronized void began(final ResolvedFault fault, final double atMs) {
        regions.add(new Region(fault, atMs, -1));
    }

    @Override
    public synchronized void ended(final ResolvedFault fault, final double fromMs, final double toMs) {
        regions.removeIf(region -> region.fault.equals(fault));
        regions.add(new Region(fault, fromMs, toMs));
    }

    /** All that its page draws; times are from its start on. */
    synchronized void copyTo(final ObjectNode node) {
        node.put("id", id).put("name", experiment.name()).put("on", on());
        node.put("startedMs", startedMs).put("untilMs", startedMs + limitMs()).put("nowMs", nowMs());
        node.put("loadMs", experiment.load().duration().toMillis()).put("struckMs", struckMs);
        node.put("ending", end);
        node.put("stepMs", LiveBuckets.STEP_MS);
        buckets.reach(nowMs());
        buckets.copyTo(node.putArray("tokens"), node.putArray("gapsMs"));
        final ArrayNode areas = node.putArray("regions");
        regions.forEach(region -> areas.addObject()
                .put("fromMs", struckMs + region.fromMs)
                .put("toMs", region.toMs < 0 ? nowMs() : struckMs + region.toMs)
                .put("words", region.fault.words()));
        final ArrayNode marks = node.putArray("marks");
        if (watch != null) {
            watch.marks().stream()
                    .sorted(java.util.Comparator.comparingDouble(RunMark::atMs))
                    .forEach(mark -> marks.addObject()
                            .put("atMs", struckMs + mark.atMs())
                            .put("kind", mark.kind().name())
                            .put("text", mark.text()));
        }
        final ArrayNode words = node.putArray("said");
        said.forEach(one -> words.addObject().put("atMs", one.atMs).put("text", one.text));
        targetsTo(node.putArray("targets"), targets);
    }

    /** Who is hit by what and when. */
    static void targetsTo(final ArrayNode list, final List<ResolvedFault> faults) {
        faults.forEach(fault -> {
            final ObjectNode one = list.addObject()
                    .put("at", FileTimes.format(fault.fault().at()))
                    .put("atMs", fault.fault().at().toMillis())
                    .put("endMs", fault.end().toMillis())
                    .put("kind", fault.fault().kind().word())
                    .put("words", fault.words())
                    .put("lasts", fault.fault().kind().lasts());
            fault.who().forEach(one.putArray("who")::add);
            fault.units().forEach(one.putArray("units")::add);
        });
    }
}
