package io.cheshire.planner.runtime.validate;

import io.cheshire.benchmarks.serve.core.KneeSearch;
import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.outcome.LoadJudge;
import java.util.OptionalDouble;

/**
 * The largest rate that a deployment carries, by the exact fidelity: not OVERLOADED, and 99 % of the requests have
 * their first token within a second and the others 50 ms apart.
 */
final class KneeFinder {
    private static final LoadJudge.Promise PROMISE = new LoadJudge.Promise(1_000_000_000, 50_000_000);
    private static final double GOODPUT = 0.99;
    private static final double EASY_RATE = 4;
    private static final double PRECISION = 0.08;
    private static final int MOST_RUNS = 12;
    /** Of a run: more would take long, and tell little more. */
    private static final int MOST_REQUESTS = 600;

    private final Calibration calibration;
    private final Lengths runs;

    /**
     * How long runs are.
     *
     * @param seconds of arrivals
     * @param least   requests, however low the rate
     * @param most    requests, however high the rate
     */
    record Lengths(double seconds, int least, int most) {
        /** The same with fewer requests. */
        Lengths atMost(final int fewer) {
            return new Lengths(seconds, Math.min(least, fewer), Math.min(most, fewer));
        }

        int count(final double rate) {
            return Math.clamp(Math.round(rate * seconds), least, most);
        }
    }

    KneeFinder(final Calibration calibration, final Lengths runs) {
        this.calibration = calibration;
        this.runs = runs.atMost(MOST_REQUESTS);
    }

    /** Requests a second. */
    double find(final Deployment deployment, final LiveWorkload workload, final long seed) {
        final KneeSearch search = new KneeSearch(EASY_RATE, PRECISION, MOST_RUNS);
        for (OptionalDouble rate = search.next(); rate.isPresent(); rate = search.next()) {
            final double perSecond = rate.getAsDouble();
            final LiveScenario scenario =
                    new LiveScenario(deployment, workload, perSecond, runs.count(perSecond), seed);
            final CellOutcome outcome = scenario.simulated(calibration);
            search.ran(
                    perSecond,
                    LoadJudge.state(scenario.requests(), outcome) != LoadState.OVERLOADED
                            && LoadJudge.goodput(scenario.requests(), outcome, PROMISE) >= GOODPUT);
        }
        return search.knee();
    }
}
