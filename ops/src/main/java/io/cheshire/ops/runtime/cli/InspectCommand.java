package io.cheshire.ops.runtime.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.core.checkpoint.CheckpointReport;
import io.cheshire.model.runtime.checkpoint.CheckpointInspector;
import io.cheshire.model.runtime.text.TextInspector;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cheshire inspect}: what a checkpoint is, how it fits, what is wrong with it. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description =
                "Says what a checkpoint is, how it fits on n nodes, and every problem found; exit status 1 if any.")
final class InspectCommand implements Callable<Integer> {
    private static final int PROBLEMS_FOUND = 1;

    @Parameters(paramLabel = "DIR", description = "Checkpoint directory.")
    private Path directory = Path.of("");

    @Option(
            names = "--nodes",
            defaultValue = "16",
            description = "Expert nodes to fit it on. Default: ${DEFAULT-VALUE}.")
    private int nodes;

    @Option(names = "--thorough", description = "Also read every byte: manifest hashes, NaN, infinity, empty gates.")
    private boolean thorough;

    @Option(names = "--json", description = "For machines.")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        final CheckpointReport report = report();
        System.out.println(json ? json(report) : report.toText(nodes));
        return report.problems().isEmpty() ? 0 : PROBLEMS_FOUND;
    }

    private static String json(final CheckpointReport report) throws JsonProcessingException {
        final ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        final ObjectNode tree = mapper.valueToTree(report);
        tree.set("needs", mapper.valueToTree(report.needs()));
        tree.set("gpuNeeds", mapper.valueToTree(report.gpuNeeds()));
        return mapper.writeValueAsString(tree);
    }

    private CheckpointReport report() {
        final CheckpointReport weights = weights();
        return weights.config() == null
                ? weights
                : weights.withProblems(TextInspector.problems(directory, weights.config()));
    }

    private CheckpointReport weights() {
        if (!thorough) {
            return CheckpointInspector.inspect(directory);
        }
        try (ConsoleProgress progress = new ConsoleProgress()) {
            return CheckpointInspector.inspectThoroughly(directory, progress);
        }
    }
}
