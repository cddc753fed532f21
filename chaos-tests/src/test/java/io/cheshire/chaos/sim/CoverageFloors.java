package io.cheshire.chaos.sim;

import io.cheshire.chaos.sim.check.Coverage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How often each family of faults, each event of the coordinator, of shards and of links, and each way of a
 * coordinator's life must be met in the first seeds: {@code coverage-floors.txt}, a third of what was counted when the
 * table was written. A row without a floor fails as one below its floor does, so nothing new goes uncounted.
 */
final class CoverageFloors {
    /** Seeds 1 to this one are run. */
    static final int SEEDS = 120;

    /** What is rare is looked for up to this one: by chance a hundred seeds may have none of it. */
    static final int SEEDS_FOR_THE_RARE = 600;

    /** Rows with a floor of so much or less are rare. */
    private static final long RARE = 3;

    private CoverageFloors() {}

    /** What is below its floor, has none, or has one that nothing counts, in words; empty when all is met. */
    static List<String> missed(final SimReport report) throws IOException {
        final SortedMap<String, Long> floors = floors();
        final SortedMap<String, Long> counts = counts(report);
        final List<String> missed = new ArrayList<>();
        counts.forEach((row, count) -> {
            final Long floor = floors.remove(row);
            if (floor == null) {
                missed.add(row + " has no floor; met " + count + " times");
            } else if (count < floor) {
                missed.add(row + " met " + count + " times, its floor is " + floor);
            }
        });
        floors.keySet().forEach(row -> missed.add(row + " has a floor and no counter"));
        return missed;
    }

    /** Whether nothing is missed but what is rare, so that further seeds may meet it. */
    static boolean missesTheRareAlone(final SimReport report) throws IOException {
        final SortedMap<String, Long> floors = floors();
        final SortedMap<String, Long> counts = counts(report);
        floors.entrySet().removeIf(floor -> counts.getOrDefault(floor.getKey(), 0L) >= floor.getValue());
        return !floors.isEmpty() && floors.values().stream().allMatch(floor -> floor <= RARE);
    }

    static SortedMap<String, Long> counts(final SimReport report) {
        final SortedMap<String, Long> counts = new TreeMap<>();
        for (final FaultKind kind : FaultKind.values()) {
            counts.put("fault " + kind, report.faults().byKind().getOrDefault(kind, 0L));
        }
        report.coverage().coordinatorPaths().forEach((path, count) -> counts.put("coordinator " + path, count));
        Coverage.byEvent(report.coverage().placementPairs())
                .forEach((event, count) -> counts.put("placement " + event, count));
        Coverage.byEvent(report.coverage().shardPairs()).forEach((event, count) -> counts.put("shard " + event, count));
        report.coverage().linkEvents().forEach((event, count) -> counts.put("link " + event, count));
        return counts;
    }

    private static SortedMap<String, Long> floors() throws IOException {
        final SortedMap<String, Long> floors = new TreeMap<>();
        try (InputStream in = Objects.requireNonNull(CoverageFloors.class.getResourceAsStream("coverage-floors.txt"))) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(line -> {
                        final int at = line.lastIndexOf(' ');
                        floors.put(line.substring(0, at).strip(), Long.valueOf(line.substring(at + 1)));
                    });
        }
        return floors;
    }
}
