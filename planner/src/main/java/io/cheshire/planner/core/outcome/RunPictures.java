package io.cheshire.planner.core.outcome;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What pictures of a simulated run are drawn from.
 *
 * @param latencies  how many of all were at most so long, by kind of latency
 * @param use        how busy each device was over time; null where nobody looked at each
 * @param expertRows rows by layer and expert; empty where nobody counted them
 */
public record RunPictures(List<Cdf> latencies, @Nullable DeviceUse use, List<List<Long>> expertRows) {
    private static final double NS_PER_MS = 1e6;

    /** Shares of all at which a time is told: close together at the end, where promises are. */
    private static final double[] PERCENT = {
        0, 1, 2, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 92.5, 95, 96, 97, 98, 99, 99.5,
        99.9, 100
    };

    public RunPictures {
        latencies = List.copyOf(latencies);
        expertRows = expertRows.stream().map(List::copyOf).toList();
    }

    /**
     * A distribution.
     *
     * @param points by rising share; empty of a kind that nobody had
     */
    public record Cdf(String name, List<Point> points) {
        public Cdf {
            points = List.copyOf(points);
        }

        static Cdf of(final String name, final Histogram ns) {
            final List<Point> points = new ArrayList<>();
            if (ns.getTotalCount() > 0) {
                for (final double percent : PERCENT) {
                    points.add(new Point(percent / 100, ns.getValueAtPercentile(percent) / NS_PER_MS));
                }
            }
            return new Cdf(name, points);
        }
    }

    /** A share of all, 0 to 1, that was at most so long. */
    public record Point(double share, double ms) {}

    /** Of cells that are added up, of which nobody looked at devices. */
    public static RunPictures of(final FleetOutcome fleet) {
        return of(fleet, null, List.of());
    }

    /** The same with what devices did. */
    public static RunPictures of(
            final FleetOutcome fleet, final @Nullable DeviceUse use, final List<List<Long>> expertRows) {
        return new RunPictures(
                List.of(Cdf.of("TTFT", fleet.ttft()), Cdf.of("ITL", fleet.itl()), Cdf.of("E2E", fleet.e2e())),
                use,
                expertRows);
    }
}
