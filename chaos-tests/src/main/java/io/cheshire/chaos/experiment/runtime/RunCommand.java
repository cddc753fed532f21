package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.Abilities;
import io.cheshire.chaos.experiment.core.Claim;
import io.cheshire.chaos.experiment.core.ClusterMap;
import io.cheshire.chaos.experiment.core.ExperimentParser;
import io.cheshire.chaos.experiment.core.ExperimentRefused;
import io.cheshire.chaos.experiment.core.ExperimentReport;
import io.cheshire.chaos.experiment.core.FileTimes;
import io.cheshire.chaos.experiment.core.ReportPage;
import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.experiment.core.TargetChoice;
import io.cheshire.chaos.experiment.core.Verdict;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cheshire chaos run}. The exit status is the verdict: 0 held, 1 not held, 2 refused or not judged. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the experiment that a file describes and judges its hypothesis (docs/experiments.md).",
            "Exit status: 0 it held; 1 it did not, and which claim, figure and limit; 2 refused, or not judged."
        })
public final class RunCommand implements Callable<Integer> {
    private static final int REFUSED = 2;

    @Parameters(paramLabel = "FILE", description = "The experiment, YAML.")
    private Path file = Path.of("");

    @Option(names = "--json", description = "Print the report as one JSON object.")
    private boolean json;

    @Option(names = "--json-out", paramLabel = "FILE", description = "Write the same to a file, for chaos compare.")
    private @Nullable Path jsonFile;

    @Option(names = "--html", paramLabel = "OUT", description = "Write the report as one HTML page.")
    private @Nullable Path html;

    @Option(names = "--seed", description = "Instead of the file's.")
    private @Nullable Long seed;

    @Option(names = "--dry-run", description = "Print who would be hit when, and do nothing.")
    private boolean dryRun;

    @Option(names = "--on", paramLabel = "local|running|simulation", description = "Instead of the file's cluster.on.")
    private @Nullable String on;

    @Option(names = "--api", paramLabel = "URL", description = "API of a running cluster.")
    private @Nullable String api;

    @Option(names = "--ops", paramLabel = "URL", description = "Operations listener of a running cluster.")
    private @Nullable String ops;

    @Option(names = "--api-key", paramLabel = "KEY", description = "A key of the API.")
    private @Nullable String apiKey;

    @Option(names = "--ops-key", paramLabel = "KEY", description = "Key of the operations listener.")
    private @Nullable String opsKey;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try {
            final Experiment experiment = experiment();
            Abilities.demand(experiment);
            demandPlace(html);
            demandPlace(jsonFile);
            return dryRun ? dryRun(experiment) : tell(report(experiment));
        } catch (final ExperimentRefused refused) {
            System.err.println(refused.getMessage());
            return REFUSED;
        } catch (final IllegalStateException | UncheckedIOException unjudged) {
            System.err.println("not judged: " + unjudged.getMessage());
            return REFUSED;
        }
    }

    private Experiment experiment() throws IOException {
        if (!Files.isReadable(file)) {
            throw new ExperimentRefused(
                    file + ": there is no such file to read; examples are in" + " chaos-tests/experiments");
        }
        final Experiment written = ExperimentParser.parse(file.toString(), Files.readString(file), kind());
        final ExperimentCluster cluster = written.cluster();
        if (cluster.on() != ExperimentCluster.Kind.RUNNING && (api != null || ops != null)) {
            throw new ExperimentRefused("--api and --ops are addresses of a running cluster; leave them out, or --on");
        }
        return written.on(cluster.at(api == null ? cluster.api() : api, ops == null ? cluster.ops() : ops), seed);
    }

    /** Where a report is to go: minutes later it would be too late to say that it can't. */
    private static void demandPlace(final @Nullable Path report) {
        if (report == null) {
            return;
        }
        final Path folder = report.toAbsolutePath().getParent();
        if (folder == null || !Files.isWritable(folder) || Files.isDirectory(report)) {
            throw new ExperimentRefused(report + " can't be written; name a file in a folder that is there");
        }
    }

    private ExperimentCluster.@Nullable Kind kind() {
        if (on == null) {
            return api == null && ops == null ? null : ExperimentCluster.Kind.RUNNING;
        }
        try {
            return ExperimentCluster.Kind.valueOf(on.toUpperCase(Locale.ROOT));
        } catch (final IllegalArgumentException unknown) {
            throw new ExperimentRefused("--on " + on + " is none of local, running, simulation");
        }
    }

    /** Without a cluster the holders aren't known yet: those that a cluster has when it begins are taken. */
    private int dryRun(final Experiment experiment) throws InterruptedException {
        final List<ResolvedFault> faults;
        if (experiment.cluster().on() == ExperimentCluster.Kind.RUNNING) {
            try (ExperimentSite site = running(experiment)) {
                faults = new ExperimentRun(experiment, site, command(experiment), RunCommand::say).resolve();
            }
        } else {
            faults = TargetChoice.resolve(experiment, ClusterMap.expected(experiment.cluster()));
        }
        System.out.println(experiment.name() + ", seed " + experiment.seed());
        for (final ResolvedFault fault : faults) {
            System.out.printf(
                    Locale.ROOT, "%8s  %s%n", FileTimes.format(fault.fault().at()), fault.words());
        }
        System.out.printf(
                Locale.ROOT,
                "%8s  the load is over%n",
                FileTimes.format(experiment.load().duration()));
        return 0;
    }

    private ExperimentReport report(final Experiment experiment) throws IOException, InterruptedException {
        return switch (experiment.cluster().on()) {
            case SIMULATION -> new SimulatedExperiment(experiment, command(experiment), RunCommand::say).run();
            case LOCAL -> onOwn(experiment);
            case RUNNING -> onRunning(experiment);
        };
    }

    private RunningSite running(final Experiment experiment) {
        return new RunningSite(
                Objects.requireNonNull(experiment.cluster().api()),
                Objects.requireNonNull(experiment.cluster().ops()),
                new RunningSite.Keys(apiKey, opsKey),
                RunCommand::say);
    }

    /** The cluster ends with this process, so nothing is to be taken back. */
    private ExperimentReport onOwn(final Experiment experiment) throws IOException, InterruptedException {
        try (ExperimentSite site = LocalSite.start(experiment.cluster(), RunCommand::say)) {
            return new ExperimentRun(experiment, site, command(experiment), RunCommand::say).run();
        }
    }

    /** Whatever ends this process, but for kill -9, takes back what was done. */
    private ExperimentReport onRunning(final Experiment experiment) throws InterruptedException {
        final ExperimentSite site = running(experiment);
        final Thread healer = Thread.ofPlatform().name("healer").unstarted(site::heal);
        Runtime.getRuntime().addShutdownHook(healer);
        try (site) {
            return new ExperimentRun(experiment, site, command(experiment), RunCommand::say).run();
        } finally {
            removeHook(healer);
        }
    }

    /** Of the run itself; what it found goes to standard output. */
    private static void say(final String progress) {
        System.err.println(progress);
    }

    private static void removeHook(final Thread healer) {
        try {
            Runtime.getRuntime().removeShutdownHook(healer);
        } catch (final IllegalStateException ending) {
            // This process ends: the hook does it.
        }
    }

    private String command(final Experiment experiment) {
        final StringBuilder words = new StringBuilder("./cheshire chaos run " + file + " --seed " + experiment.seed());
        if (on != null) {
            words.append(" --on ").append(on);
        }
        if (api != null) {
            words.append(" --api ").append(api);
        }
        if (ops != null) {
            words.append(" --ops ").append(ops);
        }
        return words.toString();
    }

    private int tell(final ExperimentReport report) throws IOException {
        if (html != null) {
            Files.writeString(html, ReportPage.of(report));
            say("the report is in " + html.toAbsolutePath());
        }
        final String text = JsonClient.MAPPER.writeValueAsString(report);
        if (jsonFile != null) {
            Files.writeString(jsonFile, text);
        }
        if (json) {
            System.out.println(text);
        } else {
            final Verdict verdict = report.verdict();
            System.out.println(report.name() + ": " + verdict.outcome());
            verdict.claims().stream().map(Claim::words).forEach(System.out::println);
            if (verdict.outcome() == Verdict.Outcome.ABORTED) {
                System.out.println(verdict.why());
            }
        }
        return report.verdict().status();
    }
}
