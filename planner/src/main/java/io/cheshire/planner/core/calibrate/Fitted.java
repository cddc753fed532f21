package io.cheshire.planner.core.calibrate;

import io.cheshire.model.protocol.calibration.Calibration.Point;
import io.cheshire.model.protocol.calibration.Fit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * A fit and what it was made of. Its interval is by bootstrap: measurements are drawn again from those of each point,
 * everything is fitted again, and what a point then lacks is drawn from what all points lack.
 *
 * @param fit    with half of the 90 % interval
 * @param points medians, with residuals
 */
public record Fitted(Fit fit, List<Point> points) {
    private static final int DRAWS = 200;
    private static final double LOW = 0.05;
    private static final double HIGH = 0.95;

    public Fitted {
        points = List.copyOf(points);
    }

    /** A table, linear in between. */
    public static Fitted table(final List<Sample> samples) {
        final List<Sample> rising = samples.stream()
                .sorted(Comparator.comparingDouble(Sample::first))
                .toList();
        return fitted(rising, Fitted::tableOf, leftOut(rising));
    }

    /** {@code constant + perFirst * first + perSecond * second}. */
    public static Fitted plane(final List<Sample> samples) {
        final Fit fit = planeOf(samples);
        return fitted(
                samples,
                Fitted::planeOf,
                samples.stream().map(sample -> residual(fit, sample)).toList());
    }

    /** In proportion to the first argument: where one size was measured, and a constant can't be told from a slope. */
    public static Fitted rate(final Sample sample) {
        return fitted(List.of(sample), Fitted::rateOf, List.of(0.0));
    }

    private static Fit tableOf(final List<Sample> rising) {
        return new Fit.Table(
                rising.stream().map(Sample::first).toList(),
                rising.stream().map(Sample::medianNs).toList(),
                0);
    }

    private static Fit planeOf(final List<Sample> samples) {
        final double[][] rows = samples.stream()
                .map(sample -> new double[] {
                    1 / sample.medianNs(), sample.first() / sample.medianNs(), sample.second() / sample.medianNs()
                })
                .toArray(double[][]::new);
        final double[] solved = NonNegativeLeastSquares.solve(rows);
        return new Fit.Plane(
                solved[0],
                solved[1],
                solved[2],
                samples.stream().mapToDouble(Sample::first).max().orElse(0),
                samples.stream().mapToDouble(Sample::second).max().orElse(0),
                0);
    }

    private static Fit rateOf(final List<Sample> one) {
        final Sample sample = one.getFirst();
        return new Fit.Plane(0, sample.medianNs() / sample.first(), 0, sample.first(), 0, 0);
    }

    /** What interpolation misses: each inner point, predicted by its neighbours. */
    private static List<Double> leftOut(final List<Sample> rising) {
        final List<Double> missed = new ArrayList<>(List.of(0.0));
        for (int i = 1; i < rising.size() - 1; i++) {
            final Fit without = tableOf(List.of(rising.get(i - 1), rising.get(i + 1)));
            // Two neighbours are half as far apart where the point is there.
            missed.add(residual(without, rising.get(i)) / 2);
        }
        return missed;
    }

    private static double residual(final Fit fit, final Sample sample) {
        final double predicted = fit.ns(sample.first(), sample.second());
        return predicted <= 0 ? 0 : sample.medianNs() / predicted - 1;
    }

    private static Fitted fitted(
            final List<Sample> samples, final Function<List<Sample>, Fit> make, final List<Double> lacking) {
        final Fit fit = make.apply(samples);
        final SplittableRandom random = new SplittableRandom(1);
        final List<Double> shares = new ArrayList<>();
        for (int draw = 0; draw < DRAWS; draw++) {
            final Fit other = make.apply(
                    samples.stream().map(sample -> drawn(sample, random)).toList());
            for (final Sample sample : samples) {
                final double predicted = fit.ns(sample.first(), sample.second());
                if (predicted > 0) {
                    final double lack = lacking.get(random.nextInt(lacking.size()));
                    shares.add(other.ns(sample.first(), sample.second()) / predicted * (1 + lack));
                }
            }
        }
        final double half =
                shares.isEmpty() ? 0 : (Statistics.quantile(shares, HIGH) - Statistics.quantile(shares, LOW)) / 2;
        return new Fitted(
                withError(fit, half),
                samples.stream()
                        .map(sample ->
                                new Point(sample.first(), sample.second(), sample.medianNs(), residual(fit, sample)))
                        .toList());
    }

    private static Sample drawn(final Sample sample, final SplittableRandom random) {
        final List<Double> ns = sample.ns();
        return new Sample(
                sample.first(),
                sample.second(),
                ns.stream().map(any -> ns.get(random.nextInt(ns.size()))).toList());
    }

    private static Fit withError(final Fit fit, final double relativeError) {
        return switch (fit) {
            case Fit.Table table -> new Fit.Table(table.at(), table.pointNs(), relativeError);
            case Fit.Plane plane ->
                new Fit.Plane(
                        plane.constantNs(),
                        plane.perFirstNs(),
                        plane.perSecondNs(),
                        plane.maxFirst(),
                        plane.maxSecond(),
                        relativeError);
        };
    }

    /** The same, all times multiplied; the interval covers the correction, too. */
    public Fitted times(final double factor) {
        final double error = fit.relativeError() + Math.abs(factor - 1) / 2;
        final Fit scaled = switch (fit) {
            case Fit.Table table ->
                new Fit.Table(
                        table.at(),
                        table.pointNs().stream().map(ns -> ns * factor).toList(),
                        error);
            case Fit.Plane plane ->
                new Fit.Plane(
                        plane.constantNs() * factor,
                        plane.perFirstNs() * factor,
                        plane.perSecondNs() * factor,
                        plane.maxFirst(),
                        plane.maxSecond(),
                        error);
        };
        return new Fitted(scaled, points);
    }
}
