package io.cheshire.planner.runtime.validate;

import io.cheshire.planner.protocol.plan.PlanRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Workloads that no calibration was made with: traces in a directory, told apart by their names, and bursts. */
final class Workloads {
    private static final double BURSTS_CV = 3;
    private static final int BURST_TOKENS = 32;

    /** By part of a file's name. */
    private static final Map<String, String> TRACES = new LinkedHashMap<>();

    static {
        TRACES.put("conv.csv", "Azure conversation");
        TRACES.put("code.csv", "Azure code");
        TRACES.put("mooncake", "Mooncake");
    }

    private Workloads() {}

    /**
     * Those that are there, and bursts.
     *
     * @param contextTokens of the model
     * @param wanted        part of their keys; empty: all
     * @throws PlanRefused none of them is there
     */
    static List<LiveWorkload> in(final Path directory, final int contextTokens, final List<String> wanted)
            throws IOException {
        final List<Path> files;
        try (Stream<Path> found = Files.list(directory)) {
            files = found.sorted().toList();
        }
        final List<LiveWorkload> all = new ArrayList<>();
        for (final Map.Entry<String, String> trace : TRACES.entrySet()) {
            for (final Path file : files) {
                if (String.valueOf(file.getFileName()).contains(trace.getKey())) {
                    all.add(TraceWorkload.read(trace.getValue(), file, contextTokens));
                }
            }
        }
        all.add(new BurstWorkload(BURSTS_CV, BURST_TOKENS, BURST_TOKENS));
        final List<LiveWorkload> chosen = all.stream()
                .filter(each -> wanted.isEmpty() || wanted.stream().anyMatch(each.key()::contains))
                .toList();
        if (chosen.isEmpty()) {
            throw new PlanRefused(List.of("--workloads " + String.join(",", wanted) + " names none of "
                    + all.stream().map(LiveWorkload::key).toList() + " that " + directory + " has"));
        }
        return chosen;
    }
}
