package io.cheshire.planner.core.report;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How exactly one cost of a class of machine is known.
 *
 * @param name       of the cost, for people
 * @param error      half of its 90 % interval, as a share of it
 * @param points     that were measured; 0 of what is assumed
 * @param upTo       the largest first argument (rows, tokens, bytes) that was measured
 * @param worst      how far the point is off that fits worst, as a share; null without points
 * @param correction what the fit was multiplied with so that whole runs come out right; null where it wasn't
 */
public record CostAccuracy(
        String name,
        double error,
        int points,
        double upTo,
        @Nullable Double worst,
        @Nullable Double correction) {
    /** Of all costs that a calibration has. */
    public static List<CostAccuracy> of(final Calibration calibration) {
        final List<CostAccuracy> all = new ArrayList<>();
        for (final Quantity quantity : Quantity.values()) {
            final Fit fit = calibration.fits().get(quantity);
            if (fit != null) {
                all.add(of(quantity, fit, calibration.evidence()));
            }
        }
        return all;
    }

    private static CostAccuracy of(final Quantity quantity, final Fit fit, final Calibration.Evidence evidence) {
        final List<Calibration.Point> points = evidence.points().getOrDefault(quantity, List.of());
        final double upTo = switch (fit) {
            case Fit.Table table -> table.at().getLast();
            case Fit.Plane plane -> plane.maxFirst();
        };
        return new CostAccuracy(
                quantity.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                fit.relativeError(),
                points.size(),
                upTo,
                points.isEmpty()
                        ? null
                        : points.stream()
                                .mapToDouble(point -> Math.abs(point.residual()))
                                .max()
                                .orElse(0),
                evidence.corrections().get(quantity));
    }
}
