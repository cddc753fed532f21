package io.cheshire.planner.runtime.calibrate;

import io.cheshire.benchmarks.micro.roundtrip.RoundTrip;
import io.cheshire.benchmarks.micro.roundtrip.RoundTrip.Channel;
import io.cheshire.benchmarks.micro.roundtrip.RoundTrip.Layer;
import io.cheshire.benchmarks.micro.roundtrip.RoundTrip.Place;
import io.cheshire.planner.core.calibrate.Sample;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Dispatch and combine of one layer between a router and nodes of another process of this host ({@code bench-micro
 * roundtrip}), whose experts take no time.
 */
final class ExchangeTimes {
    private static final List<Layer> LAYERS = List.of(
            new Layer(2, 1),
            new Layer(2, 8),
            new Layer(2, 64),
            new Layer(6, 1),
            new Layer(6, 8),
            new Layer(16, 1),
            new Layer(16, 4),
            new Layer(16, 32));
    /** Quantiles that stand for repeated measurements of a median. */
    private static final double[] AROUND = {40, 45, 50, 55, 60};

    private ExchangeTimes() {}

    /** By rows sent in all, and shards. */
    static List<Sample> measure(final int hidden, final CalibrationBudget budget) throws IOException {
        final List<Histogram> times = new RoundTrip(budget.exchangeNs() / 2, budget.exchangeNs())
                .measure(Place.TWO_PROCESSES, Channel.IPC, hidden, LAYERS);
        final List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < LAYERS.size(); i++) {
            final List<Double> ns = new ArrayList<>();
            for (final double percentile : AROUND) {
                ns.add((double) times.get(i).getValueAtPercentile(percentile));
            }
            final Layer layer = LAYERS.get(i);
            samples.add(new Sample((double) layer.shards() * layer.rowsPerShard(), layer.shards(), ns));
        }
        return samples;
    }
}
