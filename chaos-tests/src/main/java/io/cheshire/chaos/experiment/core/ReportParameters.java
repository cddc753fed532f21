package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.experiment.protocol.ExperimentLoad;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The parameters of a run in words, for the head of a report. Pure. */
public final class ReportParameters {
    private ReportParameters() {}

    /**
     * All that tells one run from another.
     *
     * @param faultFreeStreams streams of the run without faults
     */
    public static Map<String, String> of(final Experiment experiment, final int faultFreeStreams) {
        final ExperimentCluster cluster = experiment.cluster();
        final ExperimentLoad load = experiment.load();
        final boolean isRunning = cluster.on() == ExperimentCluster.Kind.RUNNING;
        final Map<String, String> words = new LinkedHashMap<>();
        words.put("on", cluster.on().name().toLowerCase(Locale.ROOT));
        words.put(
                "cluster",
                isRunning
                        ? "as it runs at " + cluster.ops()
                        : cluster.nodes() + " nodes, each unit on " + cluster.copies() + ", routers: "
                                + cluster.routers() + (cluster.racks() == 0 ? "" : ", racks: " + cluster.racks()));
        words.put(
                "model",
                isRunning ? "what is served there" : cluster.model() == null ? "cheshire-mini" : cluster.model());
        final Double rate = load.rate();
        words.put(
                "load",
                (rate == null ? load.streams() + " streams at once" : rate + " streams begin each second")
                        + ", prompts of "
                        + load.promptTokens() + " and answers of " + load.answerTokens() + " tokens, for "
                        + FileTimes.format(load.duration()));
        words.put("seed", Long.toString(experiment.seed()));
        words.put("streams without faults", Integer.toString(faultFreeStreams));
        return words;
    }
}
