package io.cheshire.planner.core.outcome;

import io.cheshire.planner.core.screen.LoadState;
import io.cheshire.planner.protocol.run.RequestStream;

/** Whether a cluster carried a load: by how waiting changed from the middle of the run to its end. */
public final class LoadJudge {
    private static final double MOST_LOST = 0.01;
    private static final double MUCH_LONGER = 1.5;
    private static final double LONGER = 1.2;
    private static final int PARTS = 3;

    /**
     * What users were promised.
     *
     * @param ttftNs until the first token, ingest and queue with it
     * @param itlNs  mean time from one token of a request to the next
     */
    public record Promise(long ttftNs, long itlNs) {}

    private LoadJudge() {}

    /**
     * Judges a run: stable where requests take as long at the end as in the middle, backlogged where they take longer
     * and none is lost yet, overloaded where they take much longer or are turned away.
     */
    public static LoadState state(final RequestStream requests, final CellOutcome outcome) {
        final int count = outcome.requests();
        if (count < PARTS) {
            return LoadState.STABLE;
        }
        final double lost = (double) (outcome.rejected() + outcome.failed()) / count;
        final double growth = meanPerToken(requests, outcome, count - count / PARTS, count)
                / meanPerToken(requests, outcome, count / PARTS, count - count / PARTS);
        if (lost > MOST_LOST || growth > MUCH_LONGER) {
            return LoadState.OVERLOADED;
        }
        return growth > LONGER ? LoadState.BACKLOGGED : LoadState.STABLE;
    }

    /** Mean time in the cluster per token asked for, so that lengths don't matter. */
    private static double meanPerToken(
            final RequestStream requests, final CellOutcome outcome, final int from, final int to) {
        double ns = 0;
        double tokens = 0;
        for (int i = from; i < to; i++) {
            ns += outcome.endNs(i) - requests.arrivalNs(i);
            tokens += requests.outputTokens(i);
        }
        return Math.max(1, ns) / Math.max(1, tokens);
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
