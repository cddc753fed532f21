package io.cheshire.chaos.experiment.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.experiment.core.Abilities;
import io.cheshire.chaos.experiment.core.ClusterMap;
import io.cheshire.chaos.experiment.core.ExperimentParser;
import io.cheshire.chaos.experiment.core.ExperimentRefused;
import io.cheshire.chaos.experiment.core.ExperimentReport;
import io.cheshire.chaos.experiment.core.PageBounds;
import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.experiment.core.TargetChoice;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.http.core.console.ChaosState;
import io.cheshire.http.runtime.console.Laboratory;
import io.cheshire.http.runtime.console.LaboratoryAsk;
import io.cheshire.http.runtime.console.LaboratoryRefused;
import io.cheshire.http.runtime.console.LaboratorySite;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Experiments of a router's console: the same files as {@code chaos run}, one at a time, on a thread of its own. It
 * reaches the cluster as an operator does, by its own listeners, so that it can do nothing that an operator can't.
 * Safe from any thread.
 */
final class PageLaboratory implements Laboratory {
    private static final Logger LOG = LoggerFactory.getLogger(PageLaboratory.class);
    /** Longest that the end of this process waits for what is taken back. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private static final DateTimeFormatter ID =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final LaboratorySite site;
    private final ReportArchive archive = new ReportArchive();
    private final AtomicReference<@Nullable PageRun> running = new AtomicReference<>();
    private final JsonNode catalogue = PageCatalogue.draw();
    private volatile @Nullable Thread thread;
    private int started;

    PageLaboratory(final LaboratorySite site) {
        this.site = site;
    }

    @Override
    public JsonNode catalogue() {
        return catalogue;
    }

    @Override
    public JsonNode check(final LaboratoryAsk ask) {
        final Experiment experiment = experiment(ask);
        final ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("name", experiment.name()).put("description", experiment.description());
        answer.put("seed", experiment.seed());
        answer.set("form", JsonClient.MAPPER.valueToTree(ExperimentParser.plain("file", ask.file())));
        // What the simulation draws is known when it begins; here stands what a cluster of that size has at first.
        answer.put("certain", experiment.cluster().on() == ExperimentCluster.Kind.RUNNING);
        PageRun.targetsTo(answer.putArray("targets"), targets(experiment));
        return answer;
    }

    private Experiment experiment(final LaboratoryAsk ask) {
        try {
            final Experiment written = ExperimentParser.parse("file", ask.file(), kind(ask.on()));
            PageBounds.demand(written);
            final ExperimentCluster cluster = written.cluster();
            final boolean isRunning = cluster.on() == ExperimentCluster.Kind.RUNNING;
            final Experiment experiment = written.on(
                    new ExperimentCluster(
                            cluster.on(),
                            cluster.nodes(),
                            cluster.copies(),
                            cluster.routers(),
                            cluster.racks(),
                            null,
                            null,
                            isRunning ? site.api() : null,
                            isRunning ? site.ops() : null),
                    ask.seed());
            Abilities.demand(experiment);
            return experiment;
        } catch (final ExperimentRefused refused) {
            throw new LaboratoryRefused(String.valueOf(refused.getMessage()));
        }
    }

    private static ExperimentCluster.Kind kind(final String on) {
        try {
            return ExperimentCluster.Kind.valueOf(on.toUpperCase(Locale.ROOT));
        } catch (final IllegalArgumentException unknown) {
            throw new ExperimentRefused("on must be running, which is this cluster, or simulation");
        }
    }

    private List<ResolvedFault> targets(final Experiment experiment) {
        try {
            if (experiment.cluster().on() != ExperimentCluster.Kind.RUNNING) {
                return TargetChoice.resolve(experiment, ClusterMap.expected(experiment.cluster()));
            }
            try (ExperimentSite cluster = cluster(text -> {})) {
                return new ExperimentRun(experiment, cluster, "", text -> {}).resolve();
            }
        } catch (final ExperimentRefused refused) {
            throw new LaboratoryRefused(String.valueOf(refused.getMessage()));
        } catch (final IllegalStateException | UncheckedIOException silent) {
            throw new LaboratoryRefused("the cluster doesn't say who is there: " + silent.getMessage());
        }
    }

    private RunningSite cluster(final RunView view) {
        return new RunningSite(site.api(), site.ops(), new RunningSite.Keys(site.apiKey(), site.opsKey()), view);
    }

    @Override
    public String start(final LaboratoryAsk ask) {
        final Experiment experiment = experiment(ask);
        targets(experiment);
        final PageRun run = new PageRun(nextId(), experiment);
        final PageRun other = running.compareAndExchange(null, run);
        if (other != null) {
            throw new LaboratoryRefused(
                    "one at a time: " + other.shown().name() + " runs; wait for its end, or end it");
        }
        thread = Thread.ofPlatform().daemon().name("laboratory").start(() -> perform(run, experiment));
        return run.shown().id();
    }

    private synchronized String nextId() {
        return ID.format(Instant.now()) + "-" + ++started;
    }

    private void perform(final PageRun run, final Experiment experiment) {
        try {
            final ExperimentReport report = report(run, experiment);
            archive.add(
                    run.head(report.verdict().outcome().name(), report.verdict().why()), report);
        } catch (final ExperimentRefused
                | IllegalStateException
                | UncheckedIOException
                | InterruptedException unjudged) {
            archive.add(run.head("NOT_JUDGED", String.valueOf(unjudged.getMessage())));
        } catch (final RuntimeException | Error defect) {
            LOG.error("the experiment {} failed", run.shown().name(), defect);
            archive.add(run.head("NOT_JUDGED", "it failed: " + defect));
        } finally {
            running.compareAndSet(run, null);
        }
    }

    private ExperimentReport report(final PageRun run, final Experiment experiment) throws InterruptedException {
        final String command = "./cheshire chaos run FILE --seed " + experiment.seed() + " --on " + run.on();
        if (experiment.cluster().on() == ExperimentCluster.Kind.SIMULATION) {
            return new SimulatedExperiment(experiment, command, run).run();
        }
        try (ExperimentSite cluster = cluster(run)) {
            try {
                return new ExperimentRun(
                                experiment, cluster, command + " --api " + site.api() + " --ops " + site.ops(), run)
                        .run();
            } finally {
                cluster.heal();
            }
        }
    }

    @Override
    public void abort(final String why) {
        final PageRun run = running.get();
        if (run == null) {
            throw new LaboratoryRefused("no experiment runs");
        }
        run.end("ended from the console: " + why);
    }

    @Override
    public JsonNode state() {
        final ObjectNode state = JsonNodeFactory.instance.objectNode();
        final PageRun run = running.get();
        if (run != null) {
            run.copyTo(state.putObject("running"));
        }
        archive.headsTo(state.putArray("reports"));
        return state;
    }

    @Override
    public @Nullable JsonNode report(final String id) {
        return archive.report(id);
    }

    @Override
    public @Nullable String page(final String id) {
        return archive.page(id);
    }

    @Override
    public @Nullable JsonNode compare(final String first, final String second) {
        return archive.compare(first, second);
    }

    @Override
    public ChaosState shown() {
        final PageRun run = running.get();
        return new ChaosState(true, run == null ? null : run.shown());
    }

    @Override
    public void close() {
        final PageRun run = running.get();
        final Thread last = thread;
        if (run == null || last == null) {
            return;
        }
        run.end("the router stops");
        try {
            if (!last.join(CLOSE_LIMIT)) {
                LOG.warn(
                        "the experiment {} has not ended yet; its drains end by themselves",
                        run.shown().name());
            }
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
