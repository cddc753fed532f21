package io.cheshire.benchmarks.serve.core;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads arrival traces, told apart by the first line:
 * <ul>
 *   <li>Azure LLM inference: CSV {@code TIMESTAMP,ContextTokens,GeneratedTokens}, local times with 7 decimals;</li>
 *   <li>Mooncake: one JSON object a line with {@code timestamp} (ms), {@code input_length}, {@code output_length} and
 *       {@code hash_ids}: equal ids mean equal blocks of {@value #MOONCAKE_BLOCK_TOKENS} tokens (Mooncake, FAST
 *       2025);</li>
 *   <li>BurstGPT, and the request file of {@code bench serve}: see {@link TableTrace}.</li>
 * </ul>
 */
public final class ArrivalTrace {
    /** Tokens of one Mooncake block. */
    public static final int MOONCAKE_BLOCK_TOKENS = 512;

    private static final String AZURE_HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";
    private static final DateTimeFormatter AZURE_TIME = new DateTimeFormatterBuilder()
            .appendPattern("yyyy-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .toFormatter();
    private static final JsonFactory JSON = new JsonFactory();

    private ArrivalTrace() {}

    /**
     * All rows, times counted from the first one.
     *
     * @param name how errors call the file
     * @throws BenchException when a line can't be read or time runs backwards
     */
    public static List<TraceRow> read(final String name, final BufferedReader reader) throws IOException {
        final String first = reader.readLine();
        if (first == null) {
            throw new BenchException(
                    name + " is empty: give an Azure CSV, a BurstGPT CSV, a request file of bench serve"
                            + " or a Mooncake JSONL arrival trace");
        }
        if (TableTrace.isHeader(first)) {
            return fromFirst(name, TableTrace.read(name, first, reader));
        }
        final boolean azure = first.strip().equals(AZURE_HEADER);
        if (!azure && !first.stripLeading().startsWith("{")) {
            throw new BenchException(name + " starts with \"" + first.substring(0, Math.min(80, first.length()))
                    + "\": expected the header " + AZURE_HEADER
                    + ", one of BurstGPT or of a request file, or a JSON object a"
                    + " line");
        }
        return azure ? readLines(name, reader, null) : readLines(name, reader, first);
    }

    private static List<TraceRow> fromFirst(final String name, final List<TraceRow> rows) {
        final List<TraceRow> shifted = new ArrayList<>();
        long lastNs = Long.MIN_VALUE;
        for (final TraceRow row : rows) {
            if (row.arrivalNs() < lastNs) {
                throw bad(name, shifted.size() + 2, "time runs backwards; sort the trace by time");
            }
            lastNs = row.arrivalNs();
            shifted.add(new TraceRow(
                    offset(name, shifted.size() + 2, lastNs, rows.getFirst().arrivalNs()), row.shape()));
        }
        return shifted;
    }

    private static long offset(final String name, final int lineNumber, final long atNs, final long originNs) {
        try {
            return Math.subtractExact(atNs, originNs);
        } catch (final ArithmeticException centuries) {
            throw bad(name, lineNumber, "is more than 292 years from the first line");
        }
    }

    private static List<TraceRow> readLines(
            final String name, final BufferedReader reader, final @Nullable String firstJson) throws IOException {
        final List<TraceRow> rows = new ArrayList<>();
        final boolean json = firstJson != null;
        int lineNumber = json ? 1 : 2;
        long originNs = Long.MIN_VALUE;
        long lastNs = 0;
        for (String line = json ? firstJson : reader.readLine(); line != null; line = reader.readLine()) {
            if (!line.isBlank()) {
                final TraceRow row = parse(name, lineNumber, line.strip(), json);
                originNs = rows.isEmpty() ? row.arrivalNs() : originNs;
                final long offsetNs = offset(name, lineNumber, row.arrivalNs(), originNs);
                if (offsetNs < lastNs) {
                    throw bad(name, lineNumber, "time runs backwards; sort the trace by time");
                }
                rows.add(new TraceRow(offsetNs, row.shape()));
                lastNs = offsetNs;
            }
            lineNumber++;
        }
        return rows;
    }

    private static TraceRow parse(final String name, final int lineNumber, final String line, final boolean json) {
        try {
            return json ? parseMooncake(line) : parseAzure(line);
        } catch (final IOException | IllegalArgumentException | ArithmeticException | DateTimeParseException bad) {
            throw bad(
                    name,
                    lineNumber,
                    "\"" + line.substring(0, Math.min(120, line.length())) + "\": " + bad.getMessage());
        }
    }

    private static TraceRow parseAzure(final String line) {
        final String[] cells = line.split(",", -1);
        if (cells.length != 3) {
            throw new IllegalArgumentException(cells.length + " cells instead of 3");
        }
        final LocalDateTime time = LocalDateTime.parse(cells[0], AZURE_TIME);
        final long ns = ChronoUnit.NANOS.between(LocalDateTime.of(2000, 1, 1, 0, 0), time);
        return new TraceRow(ns, RequestShape.of(Integer.parseInt(cells[1]), Integer.parseInt(cells[2])));
    }

    private static TraceRow parseMooncake(final String line) throws IOException {
        long timestampMs = -1;
        int input = 0;
        int output = 0;
        List<Long> blocks = List.of();
        try (JsonParser parser = JSON.createParser(line)) {
            expect(parser.nextToken() == JsonToken.START_OBJECT, "not a JSON object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                final String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "timestamp" -> timestampMs = parser.getLongValue();
                    case "input_length" -> input = parser.getIntValue();
                    case "output_length" -> output = parser.getIntValue();
                    case "hash_ids" -> blocks = readIds(parser);
                    default -> parser.skipChildren();
                }
            }
        }
        expect(timestampMs >= 0, "no timestamp");
        final int blockTokens = blocks.isEmpty() ? 0 : MOONCAKE_BLOCK_TOKENS;
        return new TraceRow(
                Math.multiplyExact(timestampMs, 1_000_000L), new RequestShape(input, output, blockTokens, blocks));
    }

    private static List<Long> readIds(final JsonParser parser) throws IOException {
        expect(parser.currentToken() == JsonToken.START_ARRAY, "hash_ids is no array");
        final List<Long> ids = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            ids.add(parser.getLongValue());
        }
        return ids;
    }

    private static void expect(final boolean condition, final String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static BenchException bad(final String name, final int lineNumber, final String why) {
        return new BenchException(name + ", line " + lineNumber + ": " + why);
    }
}
