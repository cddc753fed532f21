package io.cheshire.planner.runtime.cli;

import io.cheshire.planner.core.report.AnswerJson;
import io.cheshire.planner.core.report.AnswerPage;
import io.cheshire.planner.core.report.AnswerText;
import io.cheshire.planner.core.report.PlanAnswer;
import io.cheshire.planner.core.report.SimulatedPart;
import io.cheshire.planner.core.report.TextTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where an answer goes. */
final class AnswerOptions {
    @Option(names = "--json", description = "print one JSON object and nothing else")
    private boolean json;

    @Option(names = "--csv", paramLabel = "DIR", description = "write each table as a file there")
    private @Nullable Path csv;

    @Option(names = "--html", paramLabel = "FILE", description = "write one page with everything in it")
    private @Nullable Path html;

    boolean isJson() {
        return json;
    }

    /** Whether somebody looks closely: then it may take longer. */
    boolean isThorough() {
        return json || csv != null || html != null;
    }

    /** Shows an answer. */
    void show(final PlanAnswer answer, final PrintWriter out) throws IOException {
        show(answer, SimulatedPart.NONE, out);
    }

    /** The same, with what was simulated in its files. */
    void show(final PlanAnswer answer, final SimulatedPart simulated, final PrintWriter out) throws IOException {
        out.print(json ? AnswerJson.of(answer) : AnswerText.of(answer));
        out.flush();
        write(answer, simulated);
    }

    /** Only its files. */
    void write(final PlanAnswer answer, final SimulatedPart simulated) throws IOException {
        if (html != null) {
            write(html, AnswerPage.of(answer, simulated));
        }
        if (csv != null) {
            Files.createDirectories(csv);
            final List<AnswerText.Titled> tables = new ArrayList<>(AnswerText.tables(answer));
            tables.addAll(simulated.tables());
            for (final AnswerText.Titled each : tables) {
                write(csv.resolve(each.table().name() + ".csv"), each.table());
            }
        }
    }

    private static void write(final Path file, final String text) throws IOException {
        final Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(file, text);
    }

    private static void write(final Path file, final TextTable table) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file);
                CSVPrinter printer = new CSVPrinter(writer, CSVFormat.RFC4180)) {
            for (final List<String> row : table.rows()) {
                printer.printRecord(row);
            }
        }
    }
}
