package io.cheshire.planner.core.events;

import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import java.util.List;
import java.util.SplittableRandom;

/** Draws times out of quantiles that were measured: linear in between, and never beyond the outermost. Immutable. */
public final class DrawnDelay {
    private final double[] probabilities;
    private final double[] ns;

    public DrawnDelay(final Quantiles measured) {
        probabilities = array(measured.probabilities());
        ns = array(measured.ns());
    }

    private static double[] array(final List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** One of them, ns. */
    public long drawNs(final SplittableRandom random) {
        return Math.round(atNs(random.nextDouble()));
    }

    /** That which so many, 0 to 1, don't exceed. */
    double atNs(final double probability) {
        final int last = ns.length - 1;
        if (probability <= probabilities[0]) {
            return ns[0];
        }
        for (int i = 1; i <= last; i++) {
            if (probability <= probabilities[i]) {
                final double part = (probability - probabilities[i - 1]) / (probabilities[i] - probabilities[i - 1]);
                return ns[i - 1] + part * (ns[i] - ns[i - 1]);
            }
        }
        return ns[last];
    }
}
