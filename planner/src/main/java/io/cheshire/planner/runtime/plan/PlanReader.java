package io.cheshire.planner.runtime.plan;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.cheshire.planner.core.workload.TraceFigures;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.DeviceClass;
import io.cheshire.planner.protocol.plan.FleetOptions;
import io.cheshire.planner.protocol.plan.HourlyCosts;
import io.cheshire.planner.protocol.plan.PlanObjectives;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.plan.PlannedLoad;
import io.cheshire.planner.protocol.plan.PlannedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads plans: a HOCON file, flags over it, or flags alone. */
public final class PlanReader {
    private static final double MOST_MS = 1e7;

    private PlanReader() {}

    /**
     * Reads and checks.
     *
     * @param file  or null
     * @param flags keys below {@code plan} and their values
     * @param seed  of what is drawn
     * @throws PlanRefused with every problem
     */
    public static CapacityPlan read(final @Nullable Path file, final Map<String, ?> flags, final long seed) {
        return read(file, flags, seed, Map.of());
    }

    /**
     * The same with traces that are no files.
     *
     * @param given by the name that {@code workload.trace} has for them
     * @throws PlanRefused with every problem
     */
    public static CapacityPlan read(
            final @Nullable Path file,
            final Map<String, ?> flags,
            final long seed,
            final Map<String, TraceFigures> given) {
        final List<String> problems = new ArrayList<>();
        final Config config = config(file, flags);
        final PlanSection root = PlanSection.root(config, problems);
        final PlanSection plan = root.section("plan");
        final Path parent = file == null ? null : file.toAbsolutePath().getParent();
        final Path base = parent == null ? Path.of("").toAbsolutePath() : parent;
        final CapacityPlan read = plan(plan, base, seed, given);
        root.refuseUnknown();
        contradictions(read, plan);
        if (!problems.isEmpty()) {
            throw new PlanRefused(problems);
        }
        return read;
    }

    private static Config config(final @Nullable Path file, final Map<String, ?> flags) {
        try {
            if (file != null && !Files.isReadable(file)) {
                throw new PlanRefused(List.of(file + " is no readable file: name a plan, or give flags alone, such as"
                        + " --nodes 16 --rate 20 --prompt 1024 --output 256"));
            }
            final Config written = file == null
                    ? ConfigFactory.empty()
                    : ConfigFactory.parseFile(
                            file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
            Config over = ConfigFactory.parseMap(flags, "command line").atKey("plan");
            for (final String lengths : List.of("prompt", "preset", "trace", "cohorts")) {
                if (flags.containsKey("workload." + lengths)) {
                    return over.withFallback(withoutLengths(written)).resolve();
                }
            }
            return over.withFallback(written).resolve();
        } catch (final ConfigException wrong) {
            throw new PlanRefused(List.of(String.valueOf(wrong.getMessage())));
        }
    }

    /** A flag that says lengths replaces what the file says of them, however it says it. */
    private static Config withoutLengths(final Config written) {
        Config left = written;
        for (final String key : List.of("trace", "speed", "cohorts", "preset", "prompt", "output")) {
            left = left.withoutPath("plan.workload." + key);
        }
        return left;
    }

    private static CapacityPlan plan(
            final PlanSection plan, final Path base, final long seed, final Map<String, TraceFigures> given) {
        final LinkedHashSet<String> said = new LinkedHashSet<>();
        final List<String> assumptions = new ArrayList<>();
        final PlannedModel model = ModelFinder.find(plan, base);
        final PlanSection workload = plan.section("workload");
        final WorkloadReader reader = new WorkloadReader(workload, base, seed, assumptions, given);
        final PlannedLoad load = reader.load();
        final var routing = reader.routing(model);
        final List<Double> growth = workload.reals("growth", List.of(1.0));
        if (growth.isEmpty() || growth.stream().anyMatch(each -> !(each > 0))) {
            workload.refuse("growth", "must be multiples above 0, such as [1.0, 1.5, 2.0]");
        }
        final FleetReader fleet = new FleetReader(plan, base, model, assumptions);
        final List<DeviceClass> classes = fleet.classes();
        final boolean measured = !classes.getLast().calibration().origin().assumed();
        final FleetOptions options = fleet.options(measured);
        final PlanSection costs = plan.section("costs");
        final var failures = new FailureReader(plan.section("failures"), base).rates();
        assumptions.add("failures: " + failures.source());
        assumptions.add("a failure's course: " + failures.episode().source());
        assumptions.add("units are where the balancer puts them for this routing (cheshire cluster rebalance)");
        said.addAll(assumptions);
        return new CapacityPlan(
                model,
                load,
                routing,
                objectives(plan.section("objectives"), options.racks()),
                options,
                classes.getFirst(),
                classes.getLast(),
                failures,
                new HourlyCosts(
                        costs.real("node", 0, 0, 1e6), costs.real("router", costs.real("node", 0, 0, 1e6), 0, 1e6)),
                growth,
                List.copyOf(said));
    }

    private static PlanObjectives objectives(final PlanSection asked, final int racks) {
        final List<String> words = List.of("nothing", "node", "rack");
        final PlanObjectives.Survives survives = switch (asked.word("survives", "nothing", words)) {
            case "node" -> PlanObjectives.Survives.NODE;
            case "rack" -> PlanObjectives.Survives.RACK;
            default -> PlanObjectives.Survives.NOTHING;
        };
        if (survives == PlanObjectives.Survives.RACK && racks < 2) {
            asked.refuse("survives", "needs fleet.racks = 2 or more: nobody said which nodes share a rack");
        }
        final double none = Double.POSITIVE_INFINITY;
        return new PlanObjectives(
                1e3 * asked.seconds("ttft-p95", none, MOST_MS),
                1e3 * asked.seconds("itl-p99", none, MOST_MS),
                asked.real("goodput", 0, 0, 1),
                asked.real("availability", 0, 0, 1),
                survives);
    }

    private static void contradictions(final CapacityPlan read, final PlanSection plan) {
        final PlanSection workload = plan.section("workload");
        final double longest = read.load().lengths().longest();
        if (longest > read.model().contextLimit()) {
            workload.refuse(
                    workload.has("trace") ? "trace" : workload.has("prompt") ? "prompt" : "preset",
                    "requests of " + Math.round(longest) + " tokens don't fit "
                            + read.model().name() + ", which has "
                            + read.model().contextLimit() + " positions");
        }
        final PlanSection fleet = plan.section("fleet");
        if (read.nodeClass().memoryBytes() == 0
                && !read.nodeClass().calibration().origin().assumed()) {
            fleet.refuse(
                    "node-memory",
                    "is needed beside a calibration, which doesn't say how much a node has: such as"
                            + " node-memory = 64 GiB");
        }
        if (read.routerClass().memoryBytes() == 0
                && read.routerClass().calibration().kvBlocks() == 0) {
            fleet.refuse("router-memory", "is needed: the calibration has no KV blocks");
        }
    }
}
