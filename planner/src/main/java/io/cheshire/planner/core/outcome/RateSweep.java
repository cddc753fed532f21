package io.cheshire.planner.core.outcome;

import io.cheshire.planner.core.outcome.LoadJudge.Promise;
import io.cheshire.planner.core.screen.LoadState;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Raises the rate until a cluster doesn't carry it any more, and closes in on the last rate that it does. */
public final class RateSweep {
    private static final double CLOSE_ENOUGH = 1.02;
    private static final int MOST_POINTS = 40;

    private final Runs runs;
    private final Promise promise;
    private final double goodput;

    /** Runs a rate. */
    @FunctionalInterface
    public interface Runs {
        Run at(double requestsPerSecond);
    }

    /** A stream, and what became of it. */
    public record Run(RequestStream requests, CellOutcome outcome) {}

    /** One rate of the sweep. */
    public record Point(double requestsPerSecond, LoadState state, double goodput, CellOutcome outcome) {}

    /**
     * The sweep.
     *
     * @param points by rising rate
     * @param knee   the highest rate that was stable and kept its promise; 0: none did
     */
    public record Result(List<Point> points, double knee) {
        public Result {
            points = List.copyOf(points);
        }
    }

    /** @param goodput part of the requests that must have what was promised */
    public RateSweep(final Runs runs, final Promise promise, final double goodput) {
        this.runs = runs;
        this.promise = promise;
        this.goodput = goodput;
    }

    /** Sweeps from a rate on, which should be an easy one. */
    public Result from(final double firstRate) {
        final List<Point> points = new ArrayList<>();
        double carried = 0;
        double tooMuch = Double.POSITIVE_INFINITY;
        double rate = firstRate;
        while (points.size() < MOST_POINTS && tooMuch / Math.max(carried, Double.MIN_NORMAL) > CLOSE_ENOUGH) {
            final Point point = measure(rate);
            points.add(point);
            if (point.state() == LoadState.STABLE && point.goodput() >= goodput) {
                carried = rate;
            } else {
                tooMuch = rate;
            }
            rate = tooMuch == Double.POSITIVE_INFINITY
                    ? 2 * carried
                    : carried == 0 ? tooMuch / 2 : Math.sqrt(carried * tooMuch);
        }
        points.sort(Comparator.comparingDouble(Point::requestsPerSecond));
        return new Result(points, carried);
    }

    private Point measure(final double rate) {
        final Run run = runs.at(rate);
        return new Point(
                rate,
                LoadJudge.state(run.requests(), run.outcome()),
                LoadJudge.goodput(run.requests(), run.outcome(), promise),
                run.outcome());
    }
}
