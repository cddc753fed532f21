package io.cheshire.planner.core.cost;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** A calibration's fits as arrays, each times a factor: thousands of fleets are computed with them. Immutable. */
public final class CostCurves {
    private final Map<Quantity, Curve> curves = new EnumMap<>(Quantity.class);
    private final Map<Quantity, Fit> fits = new EnumMap<>(Quantity.class);

    private sealed interface Curve {
        double ns(double first, double second);
    }

    private record Flat(double constantNs, double perFirstNs, double perSecondNs) implements Curve {
        @Override
        public double ns(final double first, final double second) {
            return constantNs + perFirstNs * first + perSecondNs * second;
        }
    }

    private static final class Points implements Curve {
        private final double[] at;
        private final double[] ns;

        Points(final Fit.Table table) {
            at = table.at().stream().mapToDouble(Double::doubleValue).toArray();
            ns = table.pointNs().stream().mapToDouble(Double::doubleValue).toArray();
        }

        @Override
        public double ns(final double first, final double second) {
            if (first <= 0) {
                return 0;
            }
            if (first <= at[0]) {
                return ns[0];
            }
            final int last = at.length - 1;
            if (first >= at[last]) {
                return ns[last] * first / at[last];
            }
            int i = 1;
            while (at[i] < first) {
                i++;
            }
            return ns[i - 1] + (ns[i] - ns[i - 1]) * (first - at[i - 1]) / (at[i] - at[i - 1]);
        }
    }

    /**
     * Of a calibration.
     *
     * @param factor what each quantity's times are multiplied by
     */
    public CostCurves(final Calibration calibration, final ToDoubleFunction<Quantity> factor) {
        for (final Quantity quantity : Quantity.values()) {
            final Fit fit = calibration.fits().get(quantity);
            if (fit == null) {
                throw new IllegalArgumentException(
                        "the calibration of " + calibration.origin().machine() + " lacks " + quantity
                                + ": measure again with ./cheshire calibrate");
            }
            fits.put(quantity, fit);
            curves.put(
                    quantity,
                    switch (fit.times(factor.applyAsDouble(quantity))) {
                        case Fit.Table table -> new Points(table);
                        case Fit.Plane plane -> new Flat(plane.constantNs(), plane.perFirstNs(), plane.perSecondNs());
                    });
        }
    }

    /** As measured. */
    public static CostCurves of(final Calibration calibration) {
        return new CostCurves(calibration, quantity -> 1);
    }

    /** At one end of the intervals, each widened by {@code modelError}: {@code side} -1 is the fast end, 1 the slow. */
    public static CostCurves atEnd(final Calibration calibration, final int side, final double modelError) {
        return new CostCurves(calibration, quantity -> {
            final Fit fit = calibration.fits().get(quantity);
            final double error = (fit == null ? 0 : fit.relativeError()) + modelError;
            return side < 0 ? 1 / (1 + error) : 1 + side * error;
        });
    }

    private Curve curve(final Quantity quantity) {
        return Objects.requireNonNull(curves.get(quantity));
    }

    /** Time; 0 of nothing. */
    public double ns(final Quantity quantity, final double first, final double second) {
        return curve(quantity).ns(first, second);
    }

    /** What one more of the first argument costs; 0 where that depends. */
    public double perFirstNs(final Quantity quantity) {
        return curve(quantity) instanceof final Flat flat ? flat.perFirstNs() : 0;
    }

    /** Whether arguments lie in what was measured. */
    public boolean covers(final Quantity quantity, final double first, final double second) {
        final Fit fit = fits.get(quantity);
        return fit != null && fit.covers(first, second);
    }
}
