package io.cheshire.planner.core.outcome;

import io.cheshire.benchmarks.serve.core.KneeSearch;
import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.core.outcome.LoadJudge.Promise;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/** Raises the rate until a cluster doesn't carry it any more, and closes in on the last rate that it does. */
public final class RateSweep {
    private static final double PRECISION = 0.02;
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
        final KneeSearch search = new KneeSearch(firstRate, PRECISION, MOST_POINTS);
        for (OptionalDouble rate = search.next(); rate.isPresent(); rate = search.next()) {
            final Point point = measure(rate.getAsDouble());
            points.add(point);
            search.ran(point.requestsPerSecond(), point.state() == LoadState.STABLE && point.goodput() >= goodput);
        }
        points.sort(Comparator.comparingDouble(Point::requestsPerSecond));
        return new Result(points, search.knee());
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
