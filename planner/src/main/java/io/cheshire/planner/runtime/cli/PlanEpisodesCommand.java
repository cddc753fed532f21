package io.cheshire.planner.runtime.cli;

import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.planner.protocol.episodes.Episode;
import io.cheshire.planner.protocol.episodes.EpisodeFile;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.run.Strike;
import io.cheshire.planner.runtime.fleet.FleetSimulation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire plan episodes}. */
@Command(
        name = "episodes",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Plays failures of the first fleet of each list in the exact fidelity, each beside the same run"
                + " without it, and writes what they cost: failures.from-episodes of a plan reads it.")
final class PlanEpisodesCommand implements Callable<Integer> {
    private static final double NS_PER_MS = 1e6;
    private static final long LASTING_NS = 3_000_000_000L;
    private static final int MEDIAN = 2;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Option(
            names = "--kinds",
            split = ",",
            defaultValue = "KILL,SILENCE",
            description = "which failures (${DEFAULT-VALUE})")
    private List<Strike.Kind> kinds = List.of();

    @Option(names = "--plays", defaultValue = "5", description = "of each kind (${DEFAULT-VALUE})")
    private int plays = 5;

    @Option(names = "--requests", defaultValue = "100", description = "of each play (${DEFAULT-VALUE})")
    private int requests = 100;

    @Option(names = "--out", paramLabel = "FILE", defaultValue = "episodes.json")
    private Path out = Path.of("episodes.json");

    @Override
    public Integer call() throws Exception {
        return PlanRun.explained(spec, () -> {
            final CapacityPlan plan = options.plan();
            final FleetSimulation simulation =
                    new FleetSimulation(plan, plan.fleet().first(), requests, options.seed());
            final List<Episode> episodes = new ArrayList<>();
            final SimLogs silence = SimLogs.silence();
            try {
                for (final Strike.Kind kind : kinds) {
                    final Episode episode = simulation.play(kind, LASTING_NS, plays);
                    episodes.add(episode);
                    spec.commandLine()
                            .getOut()
                            .printf(
                                    Locale.ROOT,
                                    "%s: longest gap %.0f ms (usual %.0f ms), whole after %.1f s, medians of %d plays;"
                                            + " %.1f requests spoiled%n",
                                    kind,
                                    episode.gapNs().ns().get(MEDIAN) / NS_PER_MS,
                                    episode.usualGapNs().ns().get(MEDIAN) / NS_PER_MS,
                                    episode.wholeNs().ns().get(MEDIAN) / NS_PER_MS / 1e3,
                                    plays,
                                    episode.requestsSpoiled().mean());
                }
            } finally {
                silence.close();
            }
            Files.writeString(out, EpisodeFile.write(episodes));
            spec.commandLine().getOut().println("written to " + out);
            spec.commandLine().getOut().flush();
            return 0;
        });
    }
}
