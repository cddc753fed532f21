package io.cheshire.model.protocol.calibration;

import java.util.List;

/** How long something takes, fitted to measured points. Immutable; any thread. */
public sealed interface Fit {
    /** Predicted time, ns; beyond the measured range by the same formula, which {@link #covers} tells. */
    double ns(double first, double second);

    /** Whether the arguments lie in the measured range. */
    boolean covers(double first, double second);

    /** Half of the 90 % interval, as a share of the prediction. */
    double relativeError();

    /** The same with every time multiplied. */
    default Fit times(final double factor) {
        return switch (this) {
            case Table table ->
                new Table(
                        table.at, table.pointNs.stream().map(ns -> ns * factor).toList(), table.relativeError);
            case Plane plane ->
                new Plane(
                        plane.constantNs * factor,
                        plane.perFirstNs * factor,
                        plane.perSecondNs * factor,
                        plane.maxFirst,
                        plane.maxSecond,
                        plane.relativeError);
        };
    }

    /**
     * Times at single points, linear in between, in proportion beyond the last. The second argument is ignored.
     *
     * @param at            rising, at least one
     * @param pointNs       one for each of {@code at}
     * @param relativeError half of the 90 % interval, as a share
     */
    record Table(List<Double> at, List<Double> pointNs, double relativeError) implements Fit {
        public Table {
            at = List.copyOf(at);
            pointNs = List.copyOf(pointNs);
            if (at.isEmpty() || at.size() != pointNs.size()) {
                throw new IllegalArgumentException(at.size() + " points have " + pointNs.size() + " times");
            }
            for (int i = 1; i < at.size(); i++) {
                if (at.get(i) <= at.get(i - 1)) {
                    throw new IllegalArgumentException("points don't rise: " + at);
                }
            }
        }

        @Override
        public double ns(final double first, final double second) {
            if (first <= 0) {
                return 0;
            }
            if (first <= at.getFirst()) {
                return pointNs.getFirst();
            }
            int i = 1;
            while (i < at.size() && at.get(i) < first) {
                i++;
            }
            if (i == at.size()) {
                return pointNs.getLast() * first / at.getLast();
            }
            final double share = (first - at.get(i - 1)) / (at.get(i) - at.get(i - 1));
            return pointNs.get(i - 1) + share * (pointNs.get(i) - pointNs.get(i - 1));
        }

        @Override
        public boolean covers(final double first, final double second) {
            return first <= at.getLast();
        }
    }

    /**
     * {@code constant + perFirst * first + perSecond * second}, all not negative.
     *
     * @param maxFirst      largest first argument that was measured
     * @param maxSecond     largest second argument that was measured
     * @param relativeError half of the 90 % interval, as a share
     */
    record Plane(
            double constantNs,
            double perFirstNs,
            double perSecondNs,
            double maxFirst,
            double maxSecond,
            double relativeError)
            implements Fit {
        @Override
        public double ns(final double first, final double second) {
            return constantNs + perFirstNs * first + perSecondNs * second;
        }

        @Override
        public boolean covers(final double first, final double second) {
            return first <= maxFirst && second <= maxSecond;
        }
    }
}
