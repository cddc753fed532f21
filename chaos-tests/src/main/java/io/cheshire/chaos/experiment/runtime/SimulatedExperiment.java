package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ClusterMap;
import io.cheshire.chaos.experiment.core.ExperimentRefused;
import io.cheshire.chaos.experiment.core.ExperimentReport;
import io.cheshire.chaos.experiment.core.FaultRegion;
import io.cheshire.chaos.experiment.core.LongGap;
import io.cheshire.chaos.experiment.core.ReportParameters;
import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.experiment.core.RunFigures;
import io.cheshire.chaos.experiment.core.RunMark;
import io.cheshire.chaos.experiment.core.SimulatedStreams;
import io.cheshire.chaos.experiment.core.StreamFigures;
import io.cheshire.chaos.experiment.core.StreamLine;
import io.cheshire.chaos.experiment.core.TargetChoice;
import io.cheshire.chaos.experiment.core.Verdict;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.SimHosts;
import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.chaos.sim.SimResult;
import io.cheshire.chaos.sim.SimScript;
import io.cheshire.chaos.sim.Simulation;
import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.net.Paths;
import io.cheshire.chaos.sim.parameters.ClusterShape;
import io.cheshire.chaos.sim.world.Violation;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.Phase;
import io.cheshire.coordinator.core.PlacementState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs an experiment under virtual time. The simulation draws its clusters, its clients and its settings from seeds,
 * so the first seed
 * from the file's on is taken whose cluster is as the file asks and whose network is sound. Every token is held
 * against the
 * simulation's reference, and its own invariants must hold as well. One thread.
 */
final class SimulatedExperiment {
    private static final int GAPS_KEPT = 8;
    private static final double NS_PER_MS = 1e6;
    /** From the first steady state on: copies are made, and clients get going. */
    private static final long SETTLE_NS = 4_000 * World.MS;

    private static final long LOOK_NS = 20 * World.MS;
    private static final long WATCHED_AFTER_NS = 20_000 * World.MS;

    private final Experiment experiment;
    private final String command;
    private final RunView view;

    SimulatedExperiment(final Experiment experiment, final String command, final RunView view) {
        this.experiment = experiment;
        this.command = command;
        this.view = view;
    }

    /** What a run left. */
    private record Left(
            SimulatedStreams streams,
            List<ResolvedFault> faults,
            @Nullable Double wholeMs,
            SimResult result) {}

    ExperimentReport run() {
        final long seed = SeedChoice.of(experiment);
        view.accept("seed " + seed + " draws such a cluster; without faults ...");
        final SimLogs logs = SimLogs.silenceThisThread();
        try {
            final Left calm = run(seed, false);
            if (!view.endAsked().isEmpty()) {
                throw new IllegalStateException("ended before any fault was done: " + view.endAsked());
            }
            view.accept("with faults ...");
            return judged(seed, calm, run(seed, true));
        } finally {
            logs.close();
        }
    }

    private ExperimentReport judged(final long seed, final Left calm, final Left struck) {
        for (final Left left : List.of(calm, struck)) {
            final Violation violation = left.result.violation();
            if (violation != null) {
                view.accept("violated: " + violation.invariant() + ": " + violation.detail());
            }
        }
        if (calm.result.violation() != null) {
            throw new IllegalStateException(
                    "the simulation violates an invariant without any fault: " + calm.result.violation());
        }
        return report(seed, calm, struck);
    }

    private Left run(final long seed, final boolean struck) {
        final SimulatedStreams streams = new SimulatedStreams();
        final List<ResolvedFault> faults = new ArrayList<>();
        final List<Double> whole = new ArrayList<>();
        final List<ExperimentRefused> refused = new ArrayList<>();
        final long loadNs = experiment.load().duration().toNanos();
        final SimScript script = new SimScript() {
            @Override
            public void begin(final SimContext context, final SimHosts hosts, final Paths dataPaths) {
                final World world = context.world();
                final long startNs = world.nowNs() + SETTLE_NS;
                world.after(SETTLE_NS, () -> {
                    streams.between(startNs, startNs + loadNs);
                    if (struck) {
                        resolve(map(context, hosts), faults, refused);
                        final SimulatedFaults doing = new SimulatedFaults(context, hosts, dataPaths, streams);
                        faults.forEach(fault -> doing.plan(fault, 0));
                        look(context, hosts, startNs, whole);
                    }
                });
            }

            @Override
            public long durationNs() {
                return SETTLE_NS + loadNs + WATCHED_AFTER_NS;
            }
        };
        final SimResult result = Simulation.run(seed, script, streams::hear);
        if (!refused.isEmpty()) {
            throw refused.getFirst();
        }
        return new Left(streams, faults, whole.isEmpty() ? null : whole.getFirst(), result);
    }

    /** In an event of the world nothing may be thrown: that would be a defect of the simulated. */
    private void resolve(
            final ClusterMap map, final List<ResolvedFault> faults, final List<ExperimentRefused> refused) {
        try {
            faults.addAll(TargetChoice.resolve(experiment, map));
        } catch (final ExperimentRefused problem) {
            refused.add(problem);
        }
    }

    private static ClusterMap map(final SimContext context, final SimHosts hosts) {
        final PlacementState state = Objects.requireNonNull(
                Objects.requireNonNull(context.cluster().active()).state());
        final List<Integer> nodes =
                hosts.nodes().stream().map(node -> node.nodeId()).toList();
        return new ClusterMap(
                nodes,
                hosts.routers().size(),
                context.parameters().shape.experts,
                state.placement().nodesByUnit(),
                ClusterMap.racks(nodes, context.parameters().shape.racks::of));
    }

    /** Keeps in {@code whole} since when nothing has been missing. */
    private void look(final SimContext context, final SimHosts hosts, final long startNs, final List<Double> whole) {
        if (!isWhole(context, hosts)) {
            whole.clear();
        } else if (whole.isEmpty()) {
            whole.add((context.world().nowNs() - startNs) / NS_PER_MS);
        }
        context.world().after(LOOK_NS, () -> look(context, hosts, startNs, whole));
    }

    private boolean isWhole(final SimContext context, final SimHosts hosts) {
        final SimCoordinator leader = context.cluster().active();
        final PlacementState state = leader == null || !leader.isLeading() ? null : leader.state();
        return state != null
                && state.phase() == Phase.STEADY
                && hosts.nodes().stream().allMatch(node -> node.isRunning())
                && state.placement().nodesByUnit().stream()
                        .allMatch(nodes -> nodes.size() >= experiment.cluster().copies());
    }

    private static String firstLine(final String text) {
        return text.lines().findFirst().orElse("");
    }

    private ExperimentReport report(final long seed, final Left calm, final Left struck) {
        final double loadMs = experiment.load().duration().toNanos() / NS_PER_MS;
        final double sinceMs = experiment.faults().getFirst().at().toNanos() / NS_PER_MS;
        final double overMs = struck.faults.stream()
                .mapToDouble(fault -> fault.end().toNanos() / NS_PER_MS)
                .max()
                .orElse(0);
        final List<StreamLine> lines = struck.streams.streams();
        final List<LongGap> gaps = StreamFigures.gaps(lines, sinceMs);
        final Violation violation = struck.result.violation();
        final RunFigures figures = new RunFigures(
                lines.size(),
                // What the simulation finds wrong ends the run: there is one at most.
                violation == null ? 0 : 1,
                (int) lines.stream()
                        .filter(line -> line.end() == StreamLine.End.BROKEN)
                        .count(),
                StreamFigures.tokensPerSecond(lines, sinceMs, loadMs),
                StreamFigures.tokensPerSecond(calm.streams.streams(), sinceMs, loadMs),
                StreamFigures.quantileMs(gaps, 0.5),
                StreamFigures.quantileMs(gaps, 0.99),
                StreamFigures.quantileMs(gaps, 1),
                StreamFigures.quantileMs(StreamFigures.gaps(calm.streams.streams(), 0), 1),
                struck.wholeMs == null ? null : Math.max(0, struck.wholeMs - overMs),
                violation == null ? "" : violation.invariant() + ": " + firstLine(violation.detail()));
        final List<RunMark> marks = new ArrayList<>(struck.streams.marks());
        if (struck.wholeMs != null && struck.wholeMs > sinceMs) {
            marks.add(new RunMark(
                    struck.wholeMs, RunMark.Kind.WHOLE, "every node serves and every unit has its copies, for good"));
        }
        marks.sort(Comparator.comparingDouble(RunMark::atMs));
        final List<FaultRegion> regions = struck.faults.stream()
                .map(fault -> new FaultRegion(
                        fault.fault().at().toNanos() / NS_PER_MS, fault.end().toNanos() / NS_PER_MS, fault.words()))
                .toList();
        final Map<String, String> parameters =
                ReportParameters.of(experiment, calm.streams.streams().size());
        parameters.put("model", "simulated, drawn from the seed");
        parameters.put(
                "load",
                "simulated clients of seed " + seed + ", prompts of up to " + ClusterShape.MAX_PROMPT
                        + " and answers of up to " + ClusterShape.MAX_OUTPUT + " tokens, for " + loadMs / 1000
                        + " s of virtual time");
        parameters.put("seed", experiment.seed() + "; the simulation's is " + seed);
        return new ExperimentReport(
                experiment.name(),
                experiment.description(),
                command,
                parameters,
                Verdict.of(experiment.hypothesis(), figures, view.endAsked()),
                figures,
                loadMs,
                regions,
                marks,
                StreamFigures.longest(gaps, GAPS_KEPT).stream()
                        .map(gap -> new LongGap(
                                gap.lane(), gap.fromMs(), gap.toMs(), StreamFigures.cause(gap, regions, marks)))
                        .toList(),
                lines);
    }
}
