package io.cheshire.planner.core.watch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code /metrics} said at one moment, in Prometheus' text format. Lines of other names than ours are skipped, and
 * so are those that can't be read.
 */
public final class Scraped {
    /** More than a cluster of 256 nodes with the figures of every unit has. */
    public static final int MOST_CHARS = 64 << 20;

    private static final String OURS = "cheshire_";
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final long atNs;
    private final Map<String, List<Sample>> byName;

    private record Sample(Map<String, String> labels, double value) {}

    private Scraped(final long atNs, final Map<String, List<Sample>> byName) {
        this.atNs = atNs;
        this.byName = byName;
    }

    /**
     * Reads an answer.
     *
     * @param atNs when it came
     */
    public static Scraped parse(final long atNs, final String text) {
        final Map<String, List<Sample>> byName = new HashMap<>();
        text.lines().filter(line -> line.startsWith(OURS)).forEach(line -> {
            final int brace = line.indexOf('{');
            final int end = brace < 0 ? line.indexOf(' ') : line.lastIndexOf('}') + 1;
            if (end <= 0) {
                return;
            }
            final double value = number(line.substring(end).strip().split(" ", 2)[0]);
            if (!Double.isNaN(value)) {
                byName.computeIfAbsent(line.substring(0, brace < 0 ? end : brace), name -> new ArrayList<>())
                        .add(new Sample(brace < 0 ? Map.of() : labels(line.substring(brace, end)), value));
            }
        });
        return new Scraped(atNs, byName);
    }

    private static Map<String, String> labels(final String braces) {
        final Map<String, String> labels = new HashMap<>();
        for (final Matcher label = LABEL.matcher(braces); label.find(); ) {
            labels.put(label.group(1), label.group(2));
        }
        return labels;
    }

    private static double number(final String text) {
        try {
            return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
        } catch (final NumberFormatException other) {
            return Double.NaN;
        }
    }

    public long atNs() {
        return atNs;
    }

    public boolean has(final String name) {
        return byName.containsKey(name);
    }

    /** All lines of a name together; 0 without any. */
    public double sum(final String name) {
        return byName.getOrDefault(name, List.of()).stream()
                .mapToDouble(Sample::value)
                .sum();
    }

    /** Those with this label only. */
    public double sum(final String name, final String label, final String value) {
        return byName.getOrDefault(name, List.of()).stream()
                .filter(sample -> value.equals(sample.labels().get(label)))
                .mapToDouble(Sample::value)
                .sum();
    }

    /** Sums by the values of a label. */
    public Map<String, Double> by(final String name, final String label) {
        final Map<String, Double> sums = new HashMap<>();
        byName.getOrDefault(name, List.of())
                .forEach(sample -> sums.merge(sample.labels().getOrDefault(label, ""), sample.value(), Double::sum));
        return sums;
    }

    /** The largest by the values of a label: what several tell of the same, one of them last. */
    public Map<String, Double> most(final String name, final String label) {
        final Map<String, Double> most = new HashMap<>();
        byName.getOrDefault(name, List.of())
                .forEach(sample -> most.merge(sample.labels().getOrDefault(label, ""), sample.value(), Math::max));
        return most;
    }
}
