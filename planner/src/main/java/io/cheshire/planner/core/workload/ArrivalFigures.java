package io.cheshire.planner.core.workload;

import java.util.List;

/**
 * How the requests of a trace arrive.
 *
 * @param perSecond   mean rate
 * @param gapCv       coefficient of variation of the gaps: 1 for independent users
 * @param busiest     the busiest minute's rate as a multiple of the mean; 1 of a trace of less than two minutes
 */
public record ArrivalFigures(double perSecond, double gapCv, double busiest) {
    private static final double MINUTE_NS = 60e9;

    /**
     * Of arrival times.
     *
     * @param arrivalsNs rising, from the first
     * @throws IllegalArgumentException where there are fewer than two, or no time passes
     */
    public static ArrivalFigures of(final List<Long> arrivalsNs, final String source) {
        final int count = arrivalsNs.size();
        final double spanNs = count < 2 ? 0 : arrivalsNs.getLast() - arrivalsNs.getFirst();
        if (!(spanNs > 0)) {
            throw new IllegalArgumentException(source + " has " + count
                    + " requests within no time: a rate needs at least two at different times; or give --rate");
        }
        final double mean = spanNs / (count - 1);
        double squares = 0;
        for (int i = 1; i < count; i++) {
            final double gap = arrivalsNs.get(i) - arrivalsNs.get(i - 1) - mean;
            squares += gap * gap;
        }
        return new ArrivalFigures(
                1e9 / mean, Math.sqrt(squares / (count - 1)) / mean, busiest(arrivalsNs, spanNs, count));
    }

    private static double busiest(final List<Long> arrivalsNs, final double spanNs, final int count) {
        if (spanNs < 2 * MINUTE_NS) {
            return 1;
        }
        int from = 0;
        int most = 0;
        for (int to = 0; to < count; to++) {
            while (arrivalsNs.get(to) - arrivalsNs.get(from) > MINUTE_NS) {
                from++;
            }
            most = Math.max(most, to - from + 1);
        }
        return most / (count * MINUTE_NS / spanNs);
    }
}
