package io.cheshire.helm;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code /metrics} said: names of figures with their labels and the values that these had. */
final class Scrape {
    private static final Pattern SAMPLE = Pattern.compile("^([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+.*$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final Map<String, Map<String, Set<String>>> labelsByMetric = new HashMap<>();

    Scrape(final String text) {
        for (final String line : text.split("\n", -1)) {
            final Matcher sample = SAMPLE.matcher(line);
            if (line.startsWith("#") || !sample.matches()) {
                continue;
            }
            final Map<String, Set<String>> labels =
                    labelsByMetric.computeIfAbsent(sample.group(1), name -> new HashMap<>());
            final Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
            while (label.find()) {
                labels.computeIfAbsent(label.group(1), name -> new HashSet<>()).add(label.group(2));
            }
        }
    }

    Set<String> metrics() {
        return labelsByMetric.keySet();
    }

    /** Names of a metric's labels. */
    Set<String> labels(final String metric) {
        return labelsByMetric.getOrDefault(metric, Map.of()).keySet();
    }

    /** Values of a metric's label; empty where it has none such. */
    Set<String> values(final String metric, final String label) {
        return labelsByMetric.getOrDefault(metric, Map.of()).getOrDefault(label, Set.of());
    }
}
