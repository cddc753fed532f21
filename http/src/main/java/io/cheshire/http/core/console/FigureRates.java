package io.cheshire.http.core.console;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns what counters have counted into figures of a moment: {@code NAME.rate}, how much a second between two samples.
 * A counter that went back began anew and says nothing until the next sample. Used by one thread.
 */
public final class FigureRates {
    private static final double MS_PER_SECOND = 1e3;
    private static final String RATE = ".rate";

    private final Map<String, Double> before = new HashMap<>();
    private long beforeMs;

    /**
     * The figures of a sample.
     *
     * @param timeMs   when it was taken
     * @param gauges   figures as they are
     * @param counters what was counted since some start
     */
    public Map<String, Double> sample(
            final long timeMs, final Map<String, Double> gauges, final Map<String, Double> counters) {
        final Map<String, Double> figures = new TreeMap<>(gauges);
        final double seconds = (timeMs - beforeMs) / MS_PER_SECOND;
        counters.forEach((name, value) -> {
            final Double last = before.put(name, value);
            if (last != null && seconds > 0 && value >= last) {
                figures.put(name + RATE, (value - last) / seconds);
            }
        });
        beforeMs = timeMs;
        return figures;
    }
}
