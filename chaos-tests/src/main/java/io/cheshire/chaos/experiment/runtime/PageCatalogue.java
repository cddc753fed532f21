package io.cheshire.chaos.experiment.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.experiment.core.Abilities;
import io.cheshire.chaos.experiment.core.ExperimentParser;
import io.cheshire.chaos.experiment.core.PageBounds;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.experiment.protocol.FaultVerb;
import java.util.List;
import java.util.Locale;

/** What the console's form needs: examples, kinds of faults and bounds. */
final class PageCatalogue {
    private PageCatalogue() {}

    static JsonNode draw() {
        final ObjectNode all = JsonNodeFactory.instance.objectNode();
        final ArrayNode examples = all.putArray("examples");
        ExampleFiles.all().forEach((name, text) -> {
            final Experiment example = ExperimentParser.parse(name, text, null);
            if (example.cluster().gpu() == null) { // GPUs are emulated for processes that chaos run starts
                examples.addObject()
                        .put("id", name)
                        .put("file", text)
                        .put("description", example.description())
                        .put("on", example.cluster().on() == ExperimentCluster.Kind.RUNNING ? "running" : "simulation");
            }
        });
        final ObjectNode kinds = all.putObject("kinds");
        for (final ExperimentCluster.Kind kind :
                List.of(ExperimentCluster.Kind.RUNNING, ExperimentCluster.Kind.SIMULATION)) {
            final ArrayNode verbs = kinds.putArray(kind.name().toLowerCase(Locale.ROOT));
            for (final FaultVerb verb : Abilities.of(kind)) {
                verbs.addObject()
                        .put("kind", verb.word())
                        .put("lasts", verb.lasts())
                        .put("target", verb.hasTarget());
            }
        }
        all.putObject("bounds")
                .put("loadMs", PageBounds.LONGEST_LOAD.toMillis())
                .put("streams", PageBounds.MOST_STREAMS)
                .put("rate", PageBounds.MOST_RATE)
                .put("tokens", PageBounds.MOST_TOKENS)
                .put("reports", ReportArchive.MOST_REPORTS);
        return all;
    }
}
