package io.cheshire.planner.core.report;

import io.cheshire.planner.core.outcome.DeviceUse;
import io.cheshire.planner.core.outcome.RunPictures;
import java.util.List;

/** The figures in a simulated run's pictures, for those who read instead of look. */
final class RunTables {
    /** Shares of all that people ask for. */
    private static final List<Double> SHARES = List.of(0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0);

    private RunTables() {}

    /** Times that a share of all doesn't exceed. */
    static TextTable cdf(final RunPictures pictures) {
        final TextTable table = new TextTable("cdf", "of all", "TTFT", "ITL", "E2E");
        for (final double share : SHARES) {
            final List<String> times = pictures.latencies().stream()
                    .map(each -> each.points().stream()
                            .filter(point -> point.share() >= share)
                            .findFirst()
                            .map(point -> Figures.ms(point.ms()))
                            .orElse("-"))
                    .toList();
            table.add(Figures.percent(share), times.get(0), times.get(1), times.get(2));
        }
        return table;
    }

    /** Each device, over the whole run and in its busiest bin. */
    static TextTable use(final DeviceUse use) {
        final TextTable table =
                new TextTable("use", "device", "busy", "busiest " + Figures.seconds(use.binSeconds()), "idle bins");
        for (final DeviceUse.Device each : use.devices()) {
            table.add(
                    each.name(),
                    Figures.percent(each.mean()),
                    Figures.percent(each.most()),
                    Long.toString(
                            each.busy().stream().filter(share -> share == 0).count()));
        }
        return table;
    }

    /** Each layer: its busiest expert, and how even it is. */
    static TextTable experts(final List<List<Long>> rows) {
        final TextTable table =
                new TextTable("experts", "layer", "rows", "busiest expert", "of a mean one", "least", "of a mean one");
        for (int layer = 0; layer < rows.size(); layer++) {
            final List<Long> own = rows.get(layer);
            final long sum = own.stream().mapToLong(Long::longValue).sum();
            final int most = extreme(own, true);
            final int least = extreme(own, false);
            table.add(
                    Integer.toString(layer),
                    Long.toString(sum),
                    Integer.toString(most),
                    Figures.percent(ofMean(own.get(most), sum, own.size())),
                    Integer.toString(least),
                    Figures.percent(ofMean(own.get(least), sum, own.size())));
        }
        return table;
    }

    /** The first of those with the most rows, or with the fewest. */
    private static int extreme(final List<Long> rows, final boolean most) {
        int found = 0;
        for (int expert = 1; expert < rows.size(); expert++) {
            final boolean further = most ? rows.get(expert) > rows.get(found) : rows.get(expert) < rows.get(found);
            found = further ? expert : found;
        }
        return found;
    }

    /** Rows of an expert, of what each would have if all were alike. */
    static double ofMean(final long rows, final long sum, final int experts) {
        return sum == 0 ? 0 : (double) rows * experts / sum;
    }
}
