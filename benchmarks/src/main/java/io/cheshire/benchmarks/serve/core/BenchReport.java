package io.cheshire.benchmarks.serve.core;

import java.util.Map;

/**
 * What a run found.
 *
 * @param wallSeconds   from the start of the run to the end of its last request
 * @param outcomes      requests by outcome
 * @param kinds         requests by kind of end, errors and {@code ok} alike
 * @param messages      one message a kind, as an example
 * @param shortAnswers  answered with fewer tokens than asked: the server did not honour ignore_eos
 * @param inputTokens   tokens of the prompts whose first token came
 * @param outputTokens  tokens received, of every outcome
 * @param latencies     by name: {@code ttft}, {@code ttft_corrected}, {@code tpot}, {@code itl}, {@code e2e},
 *                      {@code e2e_corrected}
 * @param correction    how the corrected figures were corrected, in words
 * @param slo           what was promised
 * @param withinSlo     answered requests that kept the promises
 * @param judged        requests the goodput share is counted over: all but those whose client left as planned
 * @param goodTokens    output tokens of the requests within the promises
 * @param mostInFlight  most requests open at once
 */
public record BenchReport(
        double wallSeconds,
        Map<Outcome, Long> outcomes,
        Map<String, Long> kinds,
        Map<String, String> messages,
        long shortAnswers,
        long inputTokens,
        long outputTokens,
        Map<String, LatencySummary> latencies,
        String correction,
        Slo slo,
        long withinSlo,
        long judged,
        long goodTokens,
        int mostInFlight) {

    public long requests() {
        return outcomes.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Whether the server served anything at all: an answer to its end, or tokens to a client that then left as planned.
     */
    public boolean servedAnything() {
        return outputTokens > 0
                && (kinds.containsKey(RequestResult.Kinds.OK) || kinds.containsKey(RequestResult.Kinds.HANG_UP));
    }

    public double inputTokensPerSecond() {
        return perSecond(inputTokens);
    }

    public double outputTokensPerSecond() {
        return perSecond(outputTokens);
    }

    public double answeredPerSecond() {
        return perSecond(outcomes.getOrDefault(Outcome.OK, 0L));
    }

    public double goodRequestsPerSecond() {
        return perSecond(withinSlo);
    }

    public double goodTokensPerSecond() {
        return perSecond(goodTokens);
    }

    public double goodShare() {
        return judged == 0 ? 0 : (double) withinSlo / judged;
    }

    private double perSecond(final long count) {
        return wallSeconds <= 0 ? 0 : count / wallSeconds;
    }
}
