package io.cheshire.planner.core.workload;

import io.cheshire.benchmarks.serve.core.TraceRow;
import io.cheshire.planner.protocol.plan.LengthMix;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a plan takes of a trace: some kilobytes, however long it is.
 *
 * @param name        for people
 * @param requests    that it has
 * @param arrivals    how they come
 * @param lengths     how long they are
 * @param prefixShare part of all prompt tokens that are in leading blocks which an earlier request had, if nothing is
 *                    evicted; 0 where the trace says nothing of blocks
 */
public record TraceFigures(String name, int requests, ArrivalFigures arrivals, LengthMix lengths, double prefixShare) {
    /**
     * Of a trace's rows.
     *
     * @throws IllegalArgumentException where they have no rate, with the remedy
     */
    public static TraceFigures of(final String name, final List<TraceRow> rows) {
        return new TraceFigures(
                name,
                rows.size(),
                ArrivalFigures.of(rows.stream().map(TraceRow::arrivalNs).toList(), name),
                LengthMixes.of(rows.stream()
                        .map(row -> new LengthMixes.Lengths(
                                row.shape().inputTokens(), row.shape().outputTokens()))
                        .toList()),
                prefixShare(rows));
    }

    private static double prefixShare(final List<TraceRow> rows) {
        final Set<Long> seen = new HashSet<>();
        double shared = 0;
        double all = 0;
        for (final TraceRow row : rows) {
            final List<Long> blocks = row.shape().sharedBlocks();
            int known = 0;
            while (known < blocks.size() && seen.contains(blocks.get(known))) {
                known++;
            }
            seen.addAll(blocks);
            // The last token of a prompt is always computed.
            shared += Math.min(
                    row.shape().inputTokens() - 1, (double) known * row.shape().blockTokens());
            all += row.shape().inputTokens();
        }
        return all == 0 ? 0 : shared / all;
    }
}
