package io.cheshire.planner.core.times;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Stalls of a process by its collector and its system's scheduler, as a calibration saw them. They are no part of a
 * step's time, which is measured with them, but whoever asks for the longest gap meets the longest of them.
 */
public final class Stalls {
    private final @Nullable Quantiles lengths;
    private final @Nullable Quantiles between;

    private Stalls(final @Nullable Quantiles lengths, final @Nullable Quantiles between) {
        this.lengths = lengths;
        this.between = between;
    }

    /** Those of a machine; none where nobody measured it. */
    public static Stalls of(final Calibration calibration) {
        return calibration.origin().assumed()
                ? new Stalls(null, null)
                : new Stalls(
                        calibration.spreads().get(Spread.PAUSE),
                        calibration.spreads().get(Spread.BETWEEN_PAUSES));
    }

    /** The longest one of a time, drawn; 0 where there is none. */
    public long longestNs(final long durationNs, final SplittableRandom random) {
        if (lengths == null || between == null) {
            return 0;
        }
        double longest = 0;
        double at = drawn(between, random);
        while (at < durationNs) {
            final double length = drawn(lengths, random);
            longest = Math.max(longest, length);
            at += Math.max(1, length + drawn(between, random));
        }
        return Math.round(longest);
    }

    private static double drawn(final Quantiles quantiles, final SplittableRandom random) {
        final double share = random.nextDouble();
        int above = 0;
        while (above < quantiles.probabilities().size()
                && quantiles.probabilities().get(above) < share) {
            above++;
        }
        if (above == 0) {
            return quantiles.ns().getFirst();
        }
        if (above == quantiles.ns().size()) {
            return quantiles.ns().getLast();
        }
        final double from = quantiles.probabilities().get(above - 1);
        final double part = (share - from) / (quantiles.probabilities().get(above) - from);
        return quantiles.ns().get(above - 1)
                + part * (quantiles.ns().get(above) - quantiles.ns().get(above - 1));
    }
}
