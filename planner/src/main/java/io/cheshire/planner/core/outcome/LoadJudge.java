package io.cheshire.planner.core.outcome;

import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.core.calibrate.Statistics;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.ArrayList;
import java.util.List;

/** Whether a simulated cluster carried a load, and which of its promises it kept. */
public final class LoadJudge {
    private static final double MOST_LOST = 0.01;
    /** Of the times to a first token: as long as a prompt takes that hardly waits. */
    private static final double ALONE = 0.1;

    /**
     * What users were promised.
     *
     * @param ttftNs until the first token, ingest and queue with it
     * @param itlNs  mean time from one token of a request to the next
     */
    public record Promise(long ttftNs, long itlNs) {}

    private LoadJudge() {}

    /**
     * Judges a run. It keeps up if hardly a request is lost, and those that came by any time but the last tenth are
     * answered about when the last one comes: as much later as requests of the first third took.
     */
    public static LoadState state(final RequestStream requests, final CellOutcome outcome) {
        final int count = outcome.requests();
        if (count < 3) {
            return LoadState.STABLE;
        }
        double usualNs = 0;
        final int first = Math.ceilDiv(count, 3);
        for (int i = 0; i < first; i++) {
            usualNs += (double) (outcome.endNs(i) - requests.arrivalNs(i)) / first;
        }
        int inTime = 0;
        final List<Double> firstNs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            inTime += outcome.isFinished(i) && outcome.endNs(i) <= requests.lastArrivalNs() + usualNs ? 1 : 0;
            if (outcome.firstNs(i) != CellOutcome.NEVER) {
                firstNs.add((double) (outcome.firstNs(i) - requests.arrivalNs(i)));
            }
        }
        final double lost = (double) (outcome.rejected() + outcome.failed()) / count;
        if (firstNs.isEmpty()) {
            return LoadState.of(false, 0, 0);
        }
        final double aloneNs = Statistics.quantile(firstNs, ALONE);
        return LoadState.of(
                lost <= MOST_LOST && inTime >= LoadState.KEPT_UP * count,
                outcome.ttft().getMean() - aloneNs,
                aloneNs);
    }

    /** Part of all requests that kept the promise. */
    public static double goodput(final RequestStream requests, final CellOutcome outcome, final Promise promise) {
        int good = 0;
        for (int i = 0; i < outcome.requests(); i++) {
            good += isKept(requests, outcome, promise, i) ? 1 : 0;
        }
        return outcome.requests() == 0 ? 1 : (double) good / outcome.requests();
    }

    /** Whether a request has all its tokens as early as was promised. */
    public static boolean isKept(
            final RequestStream requests, final CellOutcome outcome, final Promise promise, final int request) {
        final long firstNs = outcome.firstNs(request);
        if (firstNs == CellOutcome.NEVER || !outcome.isFinished(request)) {
            return false;
        }
        final long gaps = requests.outputTokens(request) - 1L;
        return firstNs - requests.arrivalNs(request) <= promise.ttftNs()
                && (gaps == 0 || (outcome.endNs(request) - firstNs) / gaps <= promise.itlNs());
    }
}
