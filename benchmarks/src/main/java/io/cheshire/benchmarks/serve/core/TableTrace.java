package io.cheshire.benchmarks.serve.core;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Traces that are tables with a header: BurstGPT ({@code Timestamp,Model,Request tokens,Response tokens,...}, seconds)
 * and the request file of {@code bench serve} ({@link RequestFile}). Rows without output are left out: BurstGPT has
 * them for requests that failed.
 */
final class TableTrace {
    /** Names of the columns that count. */
    private record Columns(String seconds, String input, String output) {
        boolean isIn(final Set<String> header) {
            return header.contains(seconds) && header.contains(input) && header.contains(output);
        }
    }

    private static final List<Columns> KNOWN = List.of(
            new Columns("Timestamp", "Request tokens", "Response tokens"),
            new Columns(RequestFile.ARRIVAL, RequestFile.PROMPT_TOKENS, RequestFile.ASKED_TOKENS));
    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreEmptyLines(true)
            .setTrim(true)
            .get();
    /** Of a time: Python writes 17. */
    private static final int MOST_DIGITS = 40;

    private static final BigDecimal NS_PER_SECOND = BigDecimal.valueOf(1_000_000_000L);

    private TableTrace() {}

    /** Whether this is the header of one of them. */
    static boolean isHeader(final String line) {
        final Set<String> names = Set.copyOf(java.util.Arrays.stream(line.split(",", -1))
                .map(String::strip)
                .distinct()
                .toList());
        return KNOWN.stream().anyMatch(columns -> columns.isIn(names));
    }

    /** All rows, times as they are. */
    static List<TraceRow> read(final String name, final String header, final BufferedReader rest) throws IOException {
        final List<TraceRow> rows = new ArrayList<>();
        try (CSVParser parser = CSVParser.parse(new HeaderFirst(header, rest), FORMAT)) {
            final Columns columns = KNOWN.stream()
                    .filter(known -> known.isIn(parser.getHeaderMap().keySet()))
                    .findFirst()
                    .orElseThrow(() -> new BenchException(name + ", line 1: quotes hide the columns of \""
                            + header.substring(0, Math.min(120, header.length())) + "\"; write it without"));
            for (final CSVRecord line : parser) {
                final TraceRow row = row(name, line, columns);
                if (row != null) {
                    rows.add(row);
                }
            }
        } catch (final UncheckedIOException | IllegalArgumentException broken) {
            throw new BenchException(name + ": " + broken.getMessage());
        }
        return rows;
    }

    /** Whoever sends a trace may write 1e999999999 in it: what is no time is refused before it is computed with. */
    private static long ns(final String seconds) {
        final BigDecimal read = seconds.length() > MOST_DIGITS ? null : new BigDecimal(seconds);
        if (read == null || read.scale() > MOST_DIGITS || read.precision() - (long) read.scale() > MOST_DIGITS) {
            throw new IllegalArgumentException("\"" + seconds.substring(0, Math.min(MOST_DIGITS, seconds.length()))
                    + "\" is no time in seconds of at most " + MOST_DIGITS + " digits");
        }
        return read.multiply(NS_PER_SECOND)
                .setScale(0, java.math.RoundingMode.HALF_UP)
                .longValueExact();
    }

    private static @org.jspecify.annotations.Nullable TraceRow row(
            final String name, final CSVRecord line, final Columns columns) {
        try {
            final long atNs = ns(line.get(columns.seconds()));
            final int input = Integer.parseInt(line.get(columns.input()));
            final int output = Integer.parseInt(line.get(columns.output()));
            return output == 0 ? null : new TraceRow(atNs, RequestShape.of(input, output));
        } catch (final IllegalArgumentException | ArithmeticException wrong) {
            // The header is line 1.
            throw new BenchException(name + ", line " + (line.getRecordNumber() + 1) + ": " + wrong.getMessage());
        }
    }
}
