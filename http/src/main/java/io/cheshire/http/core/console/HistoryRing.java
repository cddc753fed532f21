package io.cheshire.http.core.console;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The last samples of named figures, in memory that doesn't grow: 8 bytes a sample and name. What wasn't measured in a
 * sample is {@code NaN} there, never the value before it. A name that was not seen for the whole length makes room for
 * a new one; where there is no room new names are left out and counted. Thread-safe.
 */
public final class HistoryRing {
    private static final String ANY = "*";

    /** One figure. */
    private static final class Series {
        private final double[] values;
        private long lastSeen;

        Series(final int samples) {
            values = new double[samples];
            Arrays.fill(values, Double.NaN);
        }
    }

    /**
     * What was kept of some figures.
     *
     * @param timesMs milliseconds since 1970, oldest first
     * @param series  a value for each of these times, by name
     */
    public record Slice(List<Long> timesMs, Map<String, List<Double>> series) {}

    private final int mostSeries;
    private final long[] timesMs;
    private final Map<String, Series> series = new TreeMap<>();
    private long count;
    private long leftOut;

    /**
     * An empty ring.
     *
     * @param samples    kept of each figure
     * @param mostSeries figures
     */
    public HistoryRing(final int samples, final int mostSeries) {
        this.mostSeries = mostSeries;
        this.timesMs = new long[samples];
    }

    /** Takes a sample, later than all before. */
    public synchronized void add(final long timeMs, final Map<String, Double> figures) {
        final int at = (int) (count % timesMs.length);
        timesMs[at] = timeMs;
        series.values().forEach(one -> one.values[at] = Double.NaN);
        for (final Map.Entry<String, Double> figure : figures.entrySet()) {
            final Series into = seriesOf(figure.getKey());
            if (into == null) {
                leftOut++;
            } else {
                into.values[at] = figure.getValue();
                into.lastSeen = count;
            }
        }
        count++;
    }

    private @Nullable Series seriesOf(final String name) {
        final Series known = series.get(name);
        if (known != null) {
            return known;
        }
        if (series.size() >= mostSeries) {
            series.values().removeIf(one -> count - one.lastSeen > timesMs.length);
        }
        if (series.size() >= mostSeries) {
            return null;
        }
        final Series fresh = new Series(timesMs.length);
        series.put(name, fresh);
        return fresh;
    }

    /** Every name that has values. */
    public synchronized List<String> names() {
        return List.copyOf(series.keySet());
    }

    /** Values of names for which there was no room. */
    public synchronized long leftOut() {
        return leftOut;
    }

    /**
     * The latest samples.
     *
     * @param names   of figures; one that ends in {@code *} stands for all that begin so; unknown ones are left out
     * @param samples at most
     */
    public synchronized Slice read(final Collection<String> names, final int samples) {
        final int length = (int) Math.min(Math.min(count, timesMs.length), Math.max(0, samples));
        final long first = count - length;
        final List<Long> times = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            times.add(timesMs[(int) ((first + i) % timesMs.length)]);
        }
        final Map<String, List<Double>> found = new LinkedHashMap<>();
        for (final String name : matching(names)) {
            final double[] from = Objects.requireNonNull(series.get(name)).values;
            final List<Double> values = new ArrayList<>(length);
            for (int i = 0; i < length; i++) {
                values.add(from[(int) ((first + i) % timesMs.length)]);
            }
            found.put(name, values);
        }
        return new Slice(times, found);
    }

    private SortedSet<String> matching(final Collection<String> names) {
        final List<String> beginnings = new ArrayList<>();
        final SortedSet<String> found = new TreeSet<>();
        for (final String name : names) {
            if (name.endsWith(ANY)) {
                beginnings.add(name.substring(0, name.length() - 1));
            } else if (series.containsKey(name)) {
                found.add(name);
            }
        }
        for (final String name : series.keySet()) {
            if (beginnings.stream().anyMatch(name::startsWith)) {
                found.add(name);
            }
        }
        return found;
    }
}
