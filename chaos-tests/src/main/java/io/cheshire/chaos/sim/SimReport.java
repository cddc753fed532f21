package io.cheshire.chaos.sim;

import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.fault.FaultCounts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What many runs came to. */
public final class SimReport {
    private static final int FAILURES_KEPT = 20;
    private static final double NS_PER_HOUR = 3.6e12;

    private final FaultCounts faults = new FaultCounts();
    private final Coverage coverage = new Coverage();
    private final SortedMap<String, Long> requests = new TreeMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private long runs;
    private long failed;
    private long invalid;
    private long simulatedNs;
    private long events;
    private long steps;
    private long rows;
    private long packets;
    private long successions;
    private long slowestRecoveryNs;

    /**
     * A run that was not green.
     *
     * @param seed  replays it
     * @param what  the promise that did not hold, and how
     */
    public record Failure(long seed, String what) {}

    /** Adds a run. A run in which no request finished proves nothing: it counts as invalid. */
    public void add(final SimResult result) {
        runs++;
        faults.add(result.faults());
        coverage.add(result.coverage());
        result.requests().forEach((how, count) -> requests.merge(how, count, Long::sum));
        simulatedNs += result.simulatedNs();
        events += result.events();
        steps += result.steps();
        rows += result.rows();
        packets += result.packets();
        successions += result.successions();
        slowestRecoveryNs = Math.max(slowestRecoveryNs, result.recoveryNs());
        if (result.violation() != null) {
            failed++;
            if (failures.size() < FAILURES_KEPT) {
                failures.add(new Failure(result.seed(), result.violation().toString()));
            }
        } else if (!result.requests().containsKey("LENGTH")) {
            invalid++;
        }
    }

    /** Runs that were not green. */
    public long failed() {
        return failed;
    }

    /** The first of them. */
    public List<Failure> failures() {
        return List.copyOf(failures);
    }

    /** Green runs in which nothing was served, so that they prove little. */
    public long invalid() {
        return invalid;
    }

    public Coverage coverage() {
        return coverage;
    }

    public FaultCounts faults() {
        return faults;
    }

    /** All figures, for JSON. */
    public Map<String, Object> figures(final long firstSeed, final double seconds) {
        final Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("firstSeed", firstSeed);
        figures.put("seeds", runs);
        figures.put("failed", failed);
        figures.put("servedNothing", invalid);
        figures.put("seconds", seconds);
        figures.put("seedsPerSecond", runs / seconds);
        figures.put("simulatedHours", simulatedNs / NS_PER_HOUR);
        figures.put("timesRealTime", simulatedNs / 1e9 / seconds);
        figures.put("events", events);
        figures.put("steps", steps);
        figures.put("rowsCombined", rows);
        figures.put("packets", packets);
        figures.put("requests", requests);
        figures.put("coordinatorSuccessions", successions);
        figures.put("slowestRecoveryMs", slowestRecoveryNs / 1_000_000);
        figures.put("faults", faults.byKind());
        figures.put("placementCoverage", coverage.placementPairs());
        figures.put("coordinatorCoverage", coverage.coordinatorPaths());
        figures.put("shardCoverage", coverage.shardPairs());
        figures.put("failures", failures);
        return figures;
    }

    /** The figures for people. */
    public List<String> lines(final double seconds) {
        final List<String> lines = new ArrayList<>();
        lines.add("%d seeds in %.1f s: %.1f seeds/s, %.2f simulated hours, %.0f times real time"
                .formatted(runs, seconds, runs / seconds, simulatedNs / NS_PER_HOUR, simulatedNs / 1e9 / seconds));
        lines.add("%d events, %d steps, %d rows combined, %d packets, %d coordinator successions"
                .formatted(events, steps, rows, packets, successions));
        lines.add("requests: " + requests + "; slowest way back to progress: " + slowestRecoveryNs / 1_000_000 + " ms");
        lines.add("faults: " + faults.byKind());
        lines.add("coordinators: " + coverage.coordinatorPaths());
        lines.add("");
        lines.add("coordinator, phase x event: " + Coverage.summary(coverage.placementPairs()) + " pairs met");
        lines.addAll(Coverage.table(coverage.placementPairs()));
        lines.add("");
        lines.add("shard state x event: " + Coverage.summary(coverage.shardPairs()) + " pairs met");
        lines.addAll(Coverage.table(coverage.shardPairs()));
        lines.add("");
        lines.add(failed + " failed, " + invalid + " served nothing");
        failures.forEach(failure -> lines.add("seed " + failure.seed() + " " + failure.what()));
        return lines;
    }
}
