package io.cheshire.benchmarks.serve.core;

import org.hipparchus.distribution.RealDistribution;
import org.hipparchus.distribution.continuous.ExponentialDistribution;
import org.hipparchus.distribution.continuous.GammaDistribution;
import org.hipparchus.distribution.continuous.WeibullDistribution;
import org.hipparchus.special.Gamma;

/**
 * The law of the gaps between arrivals: a mean, and how they scatter. Requests of many independent users come with a
 * coefficient of variation of 1; those of real services come in bursts, with 1.5 to 3 (ServeGen, 2025).
 *
 * @param law        of one gap, in seconds; null for gaps that are all the same
 * @param perSecond  arrivals
 */
public record GapLaw(@org.jspecify.annotations.Nullable RealDistribution law, double perSecond) {
    /** Which law. */
    public enum Kind {
        POISSON,
        CONSTANT,
        GAMMA,
        WEIBULL
    }

    /** Below this, a gamma law is as good as constant and its quantiles no longer converge. */
    public static final double LEAST_CV = 0.05;

    /** Above this, most requests of a run come at once and one gap is longer than it. */
    public static final double MOST_CV = 10;

    private static final double MOST_WEIBULL_SHAPE = 30;
    private static final double LEAST_WEIBULL_SHAPE = 0.15;
    private static final int BISECTIONS = 60;

    /**
     * GapLaw with this mean and scatter.
     *
     * @param cv coefficient of variation, of gamma and Weibull gaps
     */
    public static GapLaw of(final Kind kind, final double perSecond, final double cv) {
        final double mean = 1 / perSecond;
        return new GapLaw(
                switch (kind) {
                    case CONSTANT -> null;
                    case POISSON -> new ExponentialDistribution(mean);
                    case GAMMA -> new GammaDistribution(1 / (cv * cv), mean * cv * cv);
                    case WEIBULL -> weibull(mean, cv);
                },
                perSecond);
    }

    /** The scatter of a Weibull law falls as its shape grows: bisection finds it. */
    private static RealDistribution weibull(final double mean, final double cv) {
        double low = LEAST_WEIBULL_SHAPE;
        double high = MOST_WEIBULL_SHAPE;
        for (int i = 0; i < BISECTIONS; i++) {
            final double middle = (low + high) / 2;
            if (weibullCv(middle) > cv) {
                low = middle;
            } else {
                high = middle;
            }
        }
        final double shape = (low + high) / 2;
        return new WeibullDistribution(shape, mean / Gamma.gamma(1 + 1 / shape));
    }

    private static double weibullCv(final double shape) {
        final double first = Gamma.gamma(1 + 1 / shape);
        return Math.sqrt(Gamma.gamma(1 + 2 / shape) / (first * first) - 1);
    }

    /** The gap that a share of all gaps doesn't exceed. */
    public double seconds(final double share) {
        return law == null ? 1 / perSecond : law.inverseCumulativeProbability(share);
    }
}
