package io.cheshire.planner.runtime.replay;

import io.cheshire.benchmarks.serve.core.RequestFile;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.run.RequestStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** What {@code bench serve} wrote of each request, in the order of arrival. */
final class MeasuredRequests {
    private static final double NS_PER_SECOND = 1e9;
    private static final CSVFormat FORMAT =
            CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();

    private final List<Row> rows;

    /** One request; times in ns from the start of the run, NaN for what didn't happen. */
    private record Row(double arrivalNs, int prompt, int output, double firstNs, double endNs) {}

    private MeasuredRequests(final List<Row> rows) {
        this.rows = rows;
    }

    static MeasuredRequests read(final Path file) throws IOException {
        final List<Row> rows = new ArrayList<>();
        try (Reader reader = Files.newBufferedReader(file);
                CSVParser parser = FORMAT.parse(reader)) {
            for (final CSVRecord line : parser) {
                try {
                    rows.add(row(line));
                } catch (final IllegalArgumentException wrong) {
                    throw new PlanRefused(List.of(file + ", line " + parser.getCurrentLineNumber() + ": "
                            + wrong.getMessage() + "; it must be a file that bench serve --request-file wrote"));
                }
            }
        }
        rows.sort(Comparator.comparingDouble(Row::arrivalNs));
        if (rows.isEmpty()) {
            throw new PlanRefused(List.of(file + " has no request"));
        }
        return new MeasuredRequests(rows);
    }

    private static Row row(final CSVRecord line) {
        final double firstNs = time(line.get(RequestFile.FIRST_TOKEN));
        // Who hung up or failed got fewer tokens than were asked for: what was given is what was computed.
        final int given = Integer.parseInt(line.get(RequestFile.OUTPUT_TOKENS));
        return new Row(
                time(line.get(RequestFile.ARRIVAL)),
                Integer.parseInt(line.get(RequestFile.PROMPT_TOKENS)),
                Math.max(1, given),
                firstNs,
                time(line.get(RequestFile.END)));
    }

    private static double time(final String seconds) {
        return seconds.isEmpty() ? Double.NaN : Double.parseDouble(seconds) * NS_PER_SECOND;
    }

    /** The same requests, to be simulated. */
    RequestStream stream() {
        final int count = rows.size();
        final long[] arrivals = new long[count];
        final int[] prompts = new int[count];
        final int[] outputs = new int[count];
        for (int i = 0; i < count; i++) {
            arrivals[i] = Math.round(rows.get(i).arrivalNs);
            prompts[i] = rows.get(i).prompt;
            outputs[i] = rows.get(i).output;
        }
        return new RequestStream(arrivals, prompts, outputs);
    }

    int size() {
        return rows.size();
    }

    double ttftNs(final int request) {
        final Row row = rows.get(request);
        return row.firstNs - row.arrivalNs;
    }

    double e2eNs(final int request) {
        final Row row = rows.get(request);
        return row.endNs - row.arrivalNs;
    }

    /** Mean time between a request's tokens; NaN for one token. */
    double itlNs(final int request) {
        final Row row = rows.get(request);
        return row.output < 2 ? Double.NaN : (row.endNs - row.firstNs) / (row.output - 1);
    }
}
