package io.cheshire.chaos.experiment.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures of two reports side by side with their differences. Pure. */
public final class ReportComparison {
    private ReportComparison() {}

    /** How a figure is written. */
    private enum Form {
        COUNT,
        PER_SECOND,
        TIME
    }

    /** The rows of the table, its head first. */
    public static List<List<String>> rows(final JsonNode a, final JsonNode b) {
        final List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "A", "B", "B - A"));
        rows.add(List.of("name", a.path("name").asText(), b.path("name").asText(), ""));
        rows.add(List.of(
                "verdict",
                a.path("verdict").path("outcome").asText(),
                b.path("verdict").path("outcome").asText(),
                ""));
        figure(rows, a, b, "streams", Form.COUNT);
        figure(rows, a, b, "altered", Form.COUNT);
        figure(rows, a, b, "broken", Form.COUNT);
        figure(rows, a, b, "tokens_per_second", Form.PER_SECOND);
        figure(rows, a, b, "fault_free_per_second", Form.PER_SECOND);
        figure(rows, a, b, "p50_gap_ms", Form.TIME);
        figure(rows, a, b, "p99_gap_ms", Form.TIME);
        figure(rows, a, b, "longest_gap_ms", Form.TIME);
        figure(rows, a, b, "fault_free_gap_ms", Form.TIME);
        figure(rows, a, b, "whole_again_ms", Form.TIME);
        return rows;
    }

    private static void figure(
            final List<List<String>> rows, final JsonNode a, final JsonNode b, final String name, final Form form) {
        final JsonNode left = a.path("figures").path(name);
        final JsonNode right = b.path("figures").path(name);
        final boolean both = left.isNumber() && right.isNumber();
        final double difference = right.doubleValue() - left.doubleValue();
        rows.add(List.of(
                name.replaceAll("_ms$", "").replace('_', ' '),
                left.isNumber() ? words(left.doubleValue(), form) : "-",
                right.isNumber() ? words(right.doubleValue(), form) : "-",
                both
                        ? (difference > 0 ? "+" : "") + words(difference, form) + share(left.doubleValue(), difference)
                        : "-"));
    }

    private static String words(final double value, final Form form) {
        return switch (form) {
            case COUNT -> Long.toString(Math.round(value));
            case PER_SECOND -> String.format(Locale.ROOT, "%.1f", value);
            case TIME -> FileTimes.formatMs(value);
        };
    }

    private static String share(final double of, final double difference) {
        return of == 0 || difference == 0 ? "" : String.format(Locale.ROOT, " (%+.0f %%)", 100 * difference / of);
    }

    /** Columns of equal width. */
    public static String table(final List<List<String>> rows) {
        final int[] widths = new int[rows.getFirst().size()];
        for (final List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        final StringBuilder text = new StringBuilder();
        for (final List<String> row : rows) {
            final StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(i == 0 ? "" : "  ")
                        .append(String.format(Locale.ROOT, "%-" + Math.max(1, widths[i]) + "s", row.get(i)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
