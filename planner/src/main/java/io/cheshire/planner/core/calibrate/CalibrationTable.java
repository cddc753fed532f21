package io.cheshire.planner.core.calibrate;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import java.util.Locale;

/** A calibration for people. */
public final class CalibrationTable {
    private static final double NS_PER_US = 1e3;
    private static final double NS_PER_MS = 1e6;
    private static final double PERCENT = 100;

    private CalibrationTable() {}

    public static String of(final Calibration calibration) {
        final StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s, %d threads, %s, commit %s%n",
                calibration.origin().machine(),
                calibration.origin().threads(),
                calibration.origin().precision(),
                calibration.origin().commit()));
        for (final Quantity quantity : Quantity.values()) {
            final Fit fit = calibration.fits().get(quantity);
            if (fit != null) {
                text.append(String.format(
                        Locale.ROOT,
                        "%-18s ±%5.1f %%  %s%n",
                        name(quantity),
                        PERCENT * fit.relativeError(),
                        shown(fit)));
            }
        }
        calibration.spreads().entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByKey())
                .forEach(entry -> text.append(spread(entry.getKey(), entry.getValue())));
        text.append(String.format(Locale.ROOT, "%-18s %d%n", "kv blocks", calibration.kvBlocks()));
        calibration
                .warnings()
                .forEach(warning -> text.append("warning: ").append(warning).append('\n'));
        return text.toString();
    }

    private static String spread(final Spread spread, final Calibration.Quantiles quantiles) {
        final StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-18s", name(spread)));
        for (int i = 0; i < quantiles.ns().size(); i++) {
            text.append(String.format(
                    Locale.ROOT,
                    " p%.0f %.1f ms",
                    PERCENT * quantiles.probabilities().get(i),
                    quantiles.ns().get(i) / NS_PER_MS));
        }
        return text.append('\n').toString();
    }

    private static String shown(final Fit fit) {
        return switch (fit) {
            case Fit.Table table -> {
                final StringBuilder text = new StringBuilder();
                for (int i = 0; i < table.at().size(); i++) {
                    text.append(String.format(
                            Locale.ROOT,
                            "%.0f: %.1f  ",
                            table.at().get(i),
                            table.pointNs().get(i) / NS_PER_US));
                }
                yield text.append("µs").toString();
            }
            case Fit.Plane plane ->
                String.format(
                        Locale.ROOT,
                        "%.2f µs + %.4f µs x first + %.4f µs x second, up to %.0f and %.0f",
                        plane.constantNs() / NS_PER_US,
                        plane.perFirstNs() / NS_PER_US,
                        plane.perSecondNs() / NS_PER_US,
                        plane.maxFirst(),
                        plane.maxSecond());
        };
    }

    private static String name(final Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
