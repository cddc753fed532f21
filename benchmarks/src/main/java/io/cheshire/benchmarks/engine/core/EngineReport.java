package io.cheshire.benchmarks.engine.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What a run of the engine's benchmark measured.
 *
 * @param settings             what repeats it, by name
 * @param memoryBytesPerSecond what memory gives, measured in the run
 * @param rounds               all counted rounds, in the order in which they ran
 * @param routerStepBytes      weights that the router reads in a step
 * @param footprint            what the process holds
 */
public record EngineReport(
        Map<String, String> settings,
        double memoryBytesPerSecond,
        List<Round> rounds,
        double routerStepBytes,
        Footprint footprint) {
    public EngineReport {
        settings = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(settings));
        rounds = List.copyOf(rounds);
    }

    /**
     * Memory of the process after the last round.
     *
     * @param unitBytes   packed weights of all units
     * @param routerBytes packed weights of the router
     * @param kvBytes     the KV cache
     * @param process     as the operating system counts it, by the names of {@code /proc/self/status}; empty where
     *                    unknown
     */
    public record Footprint(long unitBytes, long routerBytes, long kvBytes, Map<String, Long> process) {
        public Footprint {
            process = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(process));
        }

        /** Weights and KV cache: what no server can do without. */
        public long neededBytes() {
            return unitBytes + routerBytes + kvBytes;
        }
    }

    /** The cases in the order in which they ran. */
    public List<EngineCase> cases() {
        return rounds.stream().map(Round::ofCase).distinct().toList();
    }

    /** The modes of a case in the order in which they first ran. */
    public List<Mode> modes() {
        return rounds.stream().map(Round::mode).distinct().sorted().toList();
    }

    /** All rounds of a case in a mode. */
    public List<Round> rounds(final EngineCase ofCase, final Mode mode) {
        return rounds.stream()
                .filter(round -> round.ofCase().equals(ofCase) && round.mode() == mode)
                .toList();
    }

    /** The middle of a figure over a case's rounds; NaN where there is none. */
    public double median(final EngineCase ofCase, final Mode mode, final ToDoubleFunction<Round> figure) {
        final double[] sorted = figures(ofCase, mode, figure);
        Arrays.sort(sorted);
        return PairedRatio.medianOf(sorted);
    }

    /** How much of the rate without transport is left with it, round by round; empty unless both ran. */
    public Optional<PairedRatio> ratio(final EngineCase ofCase, final ToDoubleFunction<Round> figure) {
        return PairedRatio.of(figures(ofCase, Mode.TRANSPORT, figure), figures(ofCase, Mode.DIRECT, figure));
    }

    private double[] figures(final EngineCase ofCase, final Mode mode, final ToDoubleFunction<Round> figure) {
        return rounds(ofCase, mode).stream().mapToDouble(figure).toArray();
    }

    /** The round of a case whose decode rate is the middle one: the one to look into. */
    public Round typical(final EngineCase ofCase, final Mode mode) {
        final List<Round> sorted = new ArrayList<>(rounds(ofCase, mode));
        sorted.sort(java.util.Comparator.comparingDouble(Round::decodeTokensPerSecond));
        return sorted.get(sorted.size() / 2);
    }

    /** What decoding read from memory in a round. */
    public MemoryBound bound(final Round round) {
        return MemoryBound.of(round, routerStepBytes, memoryBytesPerSecond);
    }
}
