package io.cheshire.benchmarks.engine.core;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one round of a case measured.
 *
 * @param ofCase          the case
 * @param mode            how experts were reached
 * @param tokens          every sequence's output; at least as many as the case counts, unless the context ended before
 * @param firstTokenNs    from submission to each sequence's first token
 * @param decodeTokens    tokens counted while all sequences decoded
 * @param decodeNs        time of those
 * @param prefill         from submission until every sequence had its first token
 * @param decode          about the counted time: from when the last thread noticed its beginning until the last noticed
 *                        its end
 * @param laneNs          where lanes spent {@code decode}, summed over lanes, by phase; what is under way at either end
 *                        is missing
 * @param allocatedBytes  heap allocated by all threads but the benchmark's own in {@code decode}
 * @param allocatedTokens tokens generated in {@code decode}
 */
public record Round(
        EngineCase ofCase,
        Mode mode,
        List<List<Integer>> tokens,
        List<Long> firstTokenNs,
        long decodeTokens,
        long decodeNs,
        Interval prefill,
        Interval decode,
        Map<String, Long> laneNs,
        long allocatedBytes,
        long allocatedTokens) {
    private static final double NS_PER_SECOND = 1e9;

    public Round {
        laneNs = Collections.unmodifiableMap(new LinkedHashMap<>(laneNs));
    }

    /** The longest time from submission to a first token. */
    public double slowestFirstTokenNs() {
        return firstTokenNs.stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /** Prompt tokens of all sequences a second, until the last had its first token. */
    public double prefillTokensPerSecond() {
        return (double) ofCase.promptTokens() * ofCase.batch() * NS_PER_SECOND / slowestFirstTokenNs();
    }

    /** Tokens of all sequences a second, while all of them decoded; NaN when none did. */
    public double decodeTokensPerSecond() {
        return decodeTokens == 0 ? Double.NaN : decodeTokens * NS_PER_SECOND / decodeNs;
    }

    /** Heap bytes a generated token. */
    public double allocatedPerToken() {
        return allocatedTokens == 0 ? Double.NaN : (double) allocatedBytes / allocatedTokens;
    }
}
