package io.cheshire.planner.runtime.validate;

import io.cheshire.benchmarks.serve.core.Outcome;
import io.cheshire.benchmarks.serve.core.RequestResult;
import io.cheshire.benchmarks.serve.core.TokenTimes;
import io.cheshire.planner.core.outcome.CellOutcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What is compared of a run, measured or simulated.
 *
 * @param tokensPerSecond from the first arrival to the last end
 */
record ComparedFigures(double tokensPerSecond, double itlMeanMs, double itlP99Ms, double ttftMeanMs, double e2eMeanMs) {
    private static final double NS_PER_MS = 1e6;
    private static final int P99 = 99;

    /** Of a simulation. */
    static ComparedFigures of(final CellOutcome outcome) {
        return new ComparedFigures(
                outcome.tokensPerSecond(),
                outcome.itl().getMean() / NS_PER_MS,
                outcome.itl().getValueAtPercentile(P99) / NS_PER_MS,
                outcome.ttft().getMean() / NS_PER_MS,
                outcome.e2e().getMean() / NS_PER_MS);
    }

    /**
     * Of a client's results.
     *
     * @throws IllegalStateException a request was not answered to its end: such a run can't be compared
     */
    static ComparedFigures of(final List<RequestResult> results) {
        final Histogram itl = new Histogram(3);
        double ttftNs = 0;
        double e2eNs = 0;
        long tokens = 0;
        long lastNs = 0;
        for (final RequestResult result : results) {
            if (result.outcome() != Outcome.OK || result.tokens().count() == 0) {
                throw new IllegalStateException(
                        "a request ended with " + result.kind() + ": " + result.message() + "; the run doesn't count");
            }
            // Times of a result count from its run's origin.
            final long arrivalNs = result.request().arrivalNs();
            final TokenTimes times = result.tokens();
            ttftNs += times.timeNs(0) - arrivalNs;
            for (int i = 1; i < times.count(); i++) {
                itl.recordValue(Math.max(0, times.timeNs(i) - times.timeNs(i - 1)));
            }
            e2eNs += times.timeNs(times.count() - 1) - arrivalNs;
            tokens += times.count();
            lastNs = Math.max(lastNs, times.timeNs(times.count() - 1));
        }
        return new ComparedFigures(
                tokens * 1e9 / Math.max(1, lastNs),
                itl.getMean() / NS_PER_MS,
                itl.getValueAtPercentile(P99) / NS_PER_MS,
                ttftNs / results.size() / NS_PER_MS,
                e2eNs / results.size() / NS_PER_MS);
    }

    /** By the names that they have in the validation's page. */
    Map<String, Double> byName() {
        final Map<String, Double> all = new LinkedHashMap<>();
        all.put("tokens a second", tokensPerSecond);
        all.put("mean ITL, ms", itlMeanMs);
        all.put("p99 ITL, ms", itlP99Ms);
        all.put("mean TTFT, ms", ttftMeanMs);
        all.put("mean E2E, ms", e2eMeanMs);
        return all;
    }

    /** On a machine that is so many times as fast. */
    ComparedFigures atSpeed(final double factor) {
        return new ComparedFigures(
                tokensPerSecond / factor,
                itlMeanMs * factor,
                itlP99Ms * factor,
                ttftMeanMs * factor,
                e2eMeanMs * factor);
    }
}
