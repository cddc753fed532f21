package io.cheshire.benchmarks.serve.core;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Gathers results. Not thread-safe.
 *
 * <p>Coordinated omission: a load generator that waits for a slow server sends less while it is slow, and so measures
 * the slowness too seldom. In an open loop or a replay every corrected latency counts from the time the request was
 * <i>planned</i>, sent in time or not. In a closed loop there is no plan; HdrHistogram's correction then adds the
 * requests that each client would have sent in the meantime at its usual pace, which is the median end-to-end time of
 * the run ({@link Histogram#copyCorrectedForCoordinatedOmission}).
 */
public final class RunStatistics {
    private static final int DIGITS = 3;

    private final boolean openLoop;
    private final Slo slo;
    private final Histogram ttft = new Histogram(DIGITS);
    private final Histogram ttftPlanned = new Histogram(DIGITS);
    private final Histogram tpot = new Histogram(DIGITS);
    private final Histogram itl = new Histogram(DIGITS);
    private final Histogram e2e = new Histogram(DIGITS);
    private final Histogram e2ePlanned = new Histogram(DIGITS);
    private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
    private final Map<String, Long> kinds = new TreeMap<>();
    private final Map<String, String> messages = new TreeMap<>();
    private long shortAnswers;
    private long inputTokens;
    private long outputTokens;
    private long withinSlo;
    private long judged;
    private long goodTokens;
    private long lastEndNs;

    /**
     * @param openLoop whether requests have planned times
     * @param slo      what goodput is counted against
     */
    public RunStatistics(final boolean openLoop, final Slo slo) {
        this.openLoop = openLoop;
        this.slo = slo;
    }

    /** Takes one result. */
    public void add(final RequestResult result) {
        outcomes.merge(result.outcome(), 1L, Long::sum);
        kinds.merge(result.kind(), 1L, Long::sum);
        if (result.message() != null) {
            messages.putIfAbsent(result.kind(), result.message());
        }
        lastEndNs = Math.max(lastEndNs, result.endNs());
        outputTokens += result.outputTokens();
        addTokenTimes(result);
        if (result.outcome() == Outcome.OK) {
            addAnswer(result);
        }
        if (!result.hungUp()) {
            judge(result);
        }
    }

    private void addTokenTimes(final RequestResult result) {
        final TokenTimes tokens = result.tokens();
        if (tokens.count() == 0) {
            return;
        }
        ttft.recordValue(result.timeToFirstTokenNs(result.sentNs()));
        ttftPlanned.recordValue(result.timeToFirstTokenNs(waitingFromNs(result)));
        final int planned = result.request().shape().inputTokens();
        inputTokens += result.promptTokens() >= 0 ? result.promptTokens() : planned;
        for (int i = 1; i < tokens.count(); i++) {
            itl.recordValue(tokens.timeNs(i) - tokens.timeNs(i - 1));
        }
    }

    private void addAnswer(final RequestResult result) {
        e2e.recordValue(result.endNs() - result.sentNs());
        e2ePlanned.recordValue(result.endNs() - waitingFromNs(result));
        if (result.tokens().count() > 1) {
            tpot.recordValue(Math.round(result.timePerOutputTokenNs()));
        }
        if (result.outputTokens() < result.request().shape().outputTokens()) {
            shortAnswers++;
        }
    }

    private void judge(final RequestResult result) {
        judged++;
        if (slo.isMetBy(result, waitingFromNs(result))) {
            withinSlo++;
            goodTokens += result.outputTokens();
        }
    }

    /** When the user began to wait: the planned time where there is one. */
    private long waitingFromNs(final RequestResult result) {
        return openLoop ? Math.min(result.request().arrivalNs(), result.sentNs()) : result.sentNs();
    }

    /**
     * The figures so far.
     *
     * @param mostInFlight most requests open at once, as the runner saw
     */
    public BenchReport report(final int mostInFlight) {
        return new BenchReport(
                lastEndNs / 1e9,
                new EnumMap<>(outcomes),
                new TreeMap<>(kinds),
                new TreeMap<>(messages),
                shortAnswers,
                inputTokens,
                outputTokens,
                latencies(),
                correction(),
                slo,
                withinSlo,
                judged,
                goodTokens,
                mostInFlight);
    }

    private String correction() {
        return openLoop
                ? "counted from the planned arrival"
                : "each client's missed requests filled in at its median end-to-end time";
    }

    private Map<String, LatencySummary> latencies() {
        final Map<String, LatencySummary> all = new LinkedHashMap<>();
        all.put("ttft", LatencySummary.of(ttft));
        all.put("ttft_corrected", LatencySummary.of(openLoop ? ttftPlanned : filledIn(ttft)));
        all.put("tpot", LatencySummary.of(tpot));
        all.put("itl", LatencySummary.of(itl));
        all.put("e2e", LatencySummary.of(e2e));
        all.put("e2e_corrected", LatencySummary.of(openLoop ? e2ePlanned : filledIn(e2e)));
        return all;
    }

    private Histogram filledIn(final Histogram histogram) {
        final long paceNs = e2e.getTotalCount() == 0 ? 0 : e2e.getValueAtPercentile(50);
        return histogram.copyCorrectedForCoordinatedOmission(paceNs);
    }
}
