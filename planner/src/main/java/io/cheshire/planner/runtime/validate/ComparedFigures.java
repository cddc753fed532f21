package io.cheshire.planner.runtime.validate;

import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.outcome.LoadJudge;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What is compared of a run, measured or simulated.
 *
 * @param state  how the cluster stood to the load
 * @param byName by the names that they have in the validation's page; latencies are those of requests that were
 *               answered
 */
record ComparedFigures(LoadState state, Map<String, Double> byName) {
    private static final double NS_PER_MS = 1e6;
    private static final String TOKENS = "tokens a second";

    ComparedFigures {
        byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
    }

    /** Of a run that is over. */
    static ComparedFigures of(final RequestStream requests, final CellOutcome outcome) {
        final Map<String, Double> all = new LinkedHashMap<>();
        all.put(TOKENS, outcome.tokensPerSecond());
        if (outcome.itl().getTotalCount() > 0) {
            all.put("mean ITL, ms", outcome.itl().getMean() / NS_PER_MS);
            all.put("p99 ITL, ms", at(outcome.itl(), 99));
            all.put("mean TPOT, ms", tokenTimeNs(requests, outcome) / NS_PER_MS);
        }
        all.put("mean TTFT, ms", outcome.ttft().getMean() / NS_PER_MS);
        all.put("p90 TTFT, ms", at(outcome.ttft(), 90));
        all.put("mean E2E, ms", outcome.e2e().getMean() / NS_PER_MS);
        all.put("p90 E2E, ms", at(outcome.e2e(), 90));
        all.put("p99 E2E, ms", at(outcome.e2e(), 99));
        return new ComparedFigures(LoadJudge.state(requests, outcome), all);
    }

    private static double at(final Histogram ns, final int percentile) {
        return ns.getValueAtPercentile(percentile) / NS_PER_MS;
    }

    /**
     * Time per output token, a request's last less its first over the tokens after the first: the mean over requests.
     * Unlike a gap it doesn't depend on which tokens a client happens to read together.
     */
    private static double tokenTimeNs(final RequestStream requests, final CellOutcome outcome) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < requests.size(); i++) {
            if (outcome.isFinished(i) && requests.outputTokens(i) > 1) {
                sum += (double) (outcome.endNs(i) - outcome.firstNs(i)) / (requests.outputTokens(i) - 1);
                count++;
            }
        }
        return count == 0 ? 0 : sum / count;
    }

    double tokensPerSecond() {
        return figure(TOKENS);
    }

    /** One of them; 0 where there is none. */
    double figure(final String name) {
        return byName.getOrDefault(name, 0.0);
    }

    /**
     * On a machine that is so many times as fast. What comes of a load that is carried is what was asked for, on any
     * machine.
     */
    ComparedFigures atSpeed(final double factor) {
        final Map<String, Double> all = new LinkedHashMap<>(byName);
        all.replaceAll((name, value) -> {
            if (name.equals(TOKENS)) {
                return state == LoadState.OVERLOADED ? value / factor : value;
            }
            return value * factor;
        });
        return new ComparedFigures(state, all);
    }
}
