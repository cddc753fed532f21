package io.cheshire.model.core.calibration;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;

/** A fit of one argument, worked out for each small number of rows once. Immutable; any thread. */
public final class TabledFit {
    /** Beyond it the fit itself is asked. */
    private static final int TABLED_ROWS = 1_024;

    private final Fit fit;
    private final double[] byRows = new double[TABLED_ROWS + 1];

    private TabledFit(final Fit fit) {
        this.fit = fit;
        for (int rows = 1; rows <= TABLED_ROWS; rows++) {
            byRows[rows] = fit.ns(rows, 0);
        }
    }

    /** The calibration's fit of a quantity. */
    public static TabledFit of(final Calibration calibration, final Quantity quantity) {
        return new TabledFit(fit(calibration, quantity));
    }

    /**
     * A calibration's fit.
     *
     * @throws IllegalArgumentException it has none
     */
    public static Fit fit(final Calibration calibration, final Quantity quantity) {
        final Fit fit = calibration.fits().get(quantity);
        if (fit == null) {
            throw new IllegalArgumentException(
                    "the calibration of " + calibration.origin().machine() + " has no " + quantity
                            + ", without which nothing can be timed: calibrate again");
        }
        return fit;
    }

    /** Time of so many rows, ns; 0 of none. */
    public double ns(final int rows) {
        return rows < byRows.length ? byRows[rows] : fit.ns(rows, 0);
    }
}
