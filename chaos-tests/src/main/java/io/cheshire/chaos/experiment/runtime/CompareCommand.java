package io.cheshire.chaos.experiment.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.experiment.core.ExperimentRefused;
import io.cheshire.chaos.experiment.core.ReportComparison;
import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code cheshire chaos compare}: two reports side by side. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        description = "Prints the figures of two reports of chaos run (--json or --json-out) and their differences.")
public final class CompareCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "A", description = "A report, JSON.")
    private Path first = Path.of("");

    @Parameters(index = "1", paramLabel = "B", description = "Another.")
    private Path second = Path.of("");

    @Override
    public Integer call() throws IOException {
        for (final Path file : new Path[] {first, second}) {
            if (!Files.isReadable(file)) {
                System.err.println(file + ": there is no such file to read; chaos run --json-out writes one");
                return 2;
            }
        }
        try {
            System.out.print(ReportComparison.table(ReportComparison.rows(read(first), read(second))));
            return 0;
        } catch (final ExperimentRefused none) {
            System.err.println(none.getMessage());
            return 2;
        }
    }

    private static JsonNode read(final Path file) throws IOException {
        try {
            final JsonNode report = JsonClient.MAPPER.readTree(Files.readString(file));
            if (report.path("figures").isObject() && report.path("verdict").isObject()) {
                return report;
            }
            throw new ExperimentRefused(file + " is no report of chaos run; --json-out writes one");
        } catch (final JsonProcessingException | MalformedInputException unreadable) {
            throw new ExperimentRefused(file + " is no JSON (" + unreadable.getMessage() + "); --json-out writes some");
        }
    }
}
