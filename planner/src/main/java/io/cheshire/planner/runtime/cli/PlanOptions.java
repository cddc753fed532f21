package io.cheshire.planner.runtime.cli;

import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.runtime.plan.PlanReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What all plans are asked with: a file, flags over it, or flags alone. */
final class PlanOptions {
    private static final String ANY_SIZE = "1024 GiB";

    @Parameters(arity = "0..1", paramLabel = "PLAN", description = "plan file (docs/planning.md); flags win over it")
    private @Nullable Path file;

    @Option(names = "--model", paramLabel = "DIR|FILE", description = "model, or its config.json (phi-3.5-moe)")
    private @Nullable String model;

    @Option(
            names = "--calibration",
            paramLabel = "FILE",
            description = "of `cheshire calibrate`, one a class of machine; without: a data sheet")
    private List<String> calibrations = new ArrayList<>();

    @Option(names = "--rate", paramLabel = "RATE", description = "requests a second, or such as 10e6/day (1)")
    private @Nullable String rate;

    @Option(names = "--prompt", paramLabel = "TOKENS", description = "tokens of each prompt")
    private @Nullable Double prompt;

    @Option(names = "--output", paramLabel = "TOKENS", description = "tokens of each answer")
    private @Nullable Double output;

    @Option(names = "--preset", paramLabel = "NAME", description = "lengths of chat, reasoning, summary or rag")
    private @Nullable String preset;

    @Option(names = "--trace", paramLabel = "FILE", description = "arrivals and lengths of a trace")
    private @Nullable String trace;

    @Option(names = "--routing", paramLabel = "FILE", description = "of serve --record-routing")
    private @Nullable String routing;

    @Option(names = "--nodes", paramLabel = "N", split = ",", description = "expert nodes, one or a list (16)")
    private List<Integer> nodes = new ArrayList<>();

    @Option(names = "--replicas", paramLabel = "N", split = ",", description = "copies of each unit (2)")
    private List<Integer> replicas = new ArrayList<>();

    @Option(names = "--routers", paramLabel = "N", split = ",", description = "routers of a cluster (2)")
    private List<Integer> routers = new ArrayList<>();

    @Option(names = "--cells", paramLabel = "N", split = ",", description = "clusters behind a balancer (1)")
    private List<Integer> cells = new ArrayList<>();

    @Option(names = "--spares", paramLabel = "N", split = ",", description = "nodes that stand by (0)")
    private List<Integer> spares = new ArrayList<>();

    @Option(names = "--racks", paramLabel = "N", description = "racks that nodes are dealt to")
    private @Nullable Integer racks;

    @Option(names = "--node-class", paramLabel = "NAME", description = "h200, h100, a100, cpu or a calibration's name")
    private @Nullable String nodeClass;

    @Option(names = "--router-class", paramLabel = "NAME", description = "the same of routers (as nodes)")
    private @Nullable String routerClass;

    @Option(names = "--node-memory", paramLabel = "SIZE", description = "of a calibrated node, such as 64GiB")
    private @Nullable String nodeMemory;

    @Option(names = "--node-device", paramLabel = "cpu|gpu", description = "of a calibrated node (cpu)")
    private @Nullable String nodeDevice;

    @Option(names = "--router-memory", paramLabel = "SIZE", description = "of a calibrated router (its own KV blocks)")
    private @Nullable String routerMemory;

    @Option(names = "--ttft-p95", paramLabel = "TIME", description = "promised, such as 2s")
    private @Nullable String ttftP95;

    @Option(names = "--itl-p99", paramLabel = "TIME", description = "promised, such as 80ms")
    private @Nullable String itlP99;

    @Option(names = "--availability", paramLabel = "SHARE", description = "promised, such as 0.9995")
    private @Nullable Double availability;

    @Option(names = "--failures", paramLabel = "NAME", description = "rsc-1, rsc-2, llama-3 or none (rsc-1)")
    private @Nullable String failures;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "of what is drawn (1)")
    private long seed = 1;

    long seed() {
        return seed;
    }

    /** The plan, or every reason against it. */
    CapacityPlan plan() {
        return PlanReader.read(file, flags(), seed);
    }

    /** The same where nobody asks how large machines are, which a calibration doesn't say. */
    CapacityPlan planOfAnySize() {
        final Map<String, Object> flags = flags();
        flags.putIfAbsent("fleet.node-memory", ANY_SIZE);
        flags.putIfAbsent("fleet.router-memory", ANY_SIZE);
        return PlanReader.read(file, flags, seed);
    }

    private Map<String, Object> flags() {
        final Map<String, Object> flags = new LinkedHashMap<>();
        put(flags, "model", model);
        put(flags, "workload.rate", rate);
        put(flags, "workload.prompt", prompt);
        put(flags, "workload.output", output);
        put(flags, "workload.preset", preset);
        put(flags, "workload.trace", absolute(trace));
        put(flags, "workload.routing", "uniform".equals(routing) ? routing : absolute(routing));
        put(flags, "fleet.racks", racks);
        put(flags, "fleet.node-class", nodeClass);
        put(flags, "fleet.router-class", routerClass);
        put(flags, "fleet.node-memory", nodeMemory);
        put(flags, "fleet.node-device", nodeDevice);
        put(flags, "fleet.router-memory", routerMemory);
        put(flags, "objectives.ttft-p95", ttftP95);
        put(flags, "objectives.itl-p99", itlP99);
        put(flags, "objectives.availability", availability);
        put(flags, "failures.preset", failures);
        putList(
                flags,
                "calibration",
                calibrations.stream().map(PlanOptions::absolute).toList());
        putList(flags, "fleet.expert-nodes", nodes);
        putList(flags, "fleet.replicas", replicas);
        putList(flags, "fleet.routers", routers);
        putList(flags, "fleet.cells", cells);
        putList(flags, "fleet.spares", spares);
        return flags;
    }

    /** Names in a file are relative to it, those of flags to where the command is. */
    private static @Nullable String absolute(final @Nullable String path) {
        return path == null ? null : Path.of(path).toAbsolutePath().toString();
    }

    private static void put(final Map<String, Object> flags, final String key, final @Nullable Object value) {
        if (value != null) {
            flags.put(key, value);
        }
    }

    private static void putList(final Map<String, Object> flags, final String key, final List<?> values) {
        if (!values.isEmpty()) {
            flags.put(key, values);
        }
    }
}
