package io.cheshire.planner.core.times;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import java.util.EnumMap;
import java.util.Map;

/** The ends of a calibration's intervals, all at once: a prediction with each bounds what it can be sure of. */
public final class CalibrationBounds {
    private CalibrationBounds() {}

    /**
     * All fits at one end of their 90 % intervals.
     *
     * @param side -1 for the fast end, 1 for the slow one
     */
    public static Calibration at(final Calibration calibration, final int side) {
        final Map<Quantity, Fit> fits = new EnumMap<>(Quantity.class);
        calibration
                .fits()
                .forEach((quantity, fit) -> fits.put(quantity, fit.times(Math.max(0, 1 + side * fit.relativeError()))));
        return calibration.withFits(fits);
    }
}
