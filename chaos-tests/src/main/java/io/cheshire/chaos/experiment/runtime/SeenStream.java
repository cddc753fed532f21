package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.StreamLine;
import io.cheshire.chaos.process.Comparison;
import io.cheshire.chaos.process.StreamTrace;
import java.util.List;
import java.util.Objects;

/**
 * One stream of a load.
 *
 * @param lane    one at a time
 * @param prompt  number of its prompt
 * @param beganNs {@link System#nanoTime()} of its request
 * @param trace   what its client saw
 */
record SeenStream(int lane, int prompt, long beganNs, StreamTrace trace) {
    private static final double NS_PER_MS = 1e6;

    /** Held against what the prompt gives without faults; times are counted from a moment. */
    StreamLine against(final StreamTrace expected, final long startNs) {
        return new StreamLine(
                lane,
                prompt,
                (beganNs - startNs) / NS_PER_MS,
                trace.arrivalsNs().stream()
                        .map(ns -> (ns - startNs) / NS_PER_MS)
                        .toList(),
                end(expected),
                trace.error() == null ? "" : Objects.requireNonNull(trace.error()));
    }

    private StreamLine.End end(final StreamTrace expected) {
        final Comparison seen = Comparison.of(List.of(trace), List.of(expected));
        if (seen.failed() == 0) {
            return seen.altered() == 0 ? StreamLine.End.SAME : StreamLine.End.ALTERED;
        }
        final List<Integer> ids = trace.tokenIds();
        final boolean isBeginning = ids.size() <= expected.tokenIds().size()
                && expected.tokenIds().subList(0, ids.size()).equals(ids);
        return isBeginning ? StreamLine.End.BROKEN : StreamLine.End.ALTERED;
    }
}
