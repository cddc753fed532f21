package io.cheshire.benchmarks.serve.core;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The requests of a run in the order they are sent: a sequence that depends on the settings and the seed alone. Not
 * thread-safe; clients take turns.
 */
public final class LoadPlan implements Iterator<PlannedRequest> {
    private static final long HANG_UP_DRAW = 0x68616e67L;
    private static final long HANG_UP_PLACE = 0x706c6163L;

    private final Arrivals arrivals;
    private final List<RequestShape> shapes;
    private final Limits limits;
    private final double hangUpShare;
    private final long seed;
    private int nextIndex;
    private long nextArrivalNs;

    /**
     * @param arrivals    when requests arrive
     * @param shapes      their lengths, used in turn, over again when they run out
     * @param limits      where the run ends
     * @param hangUpShare share of requests whose client leaves midway, 0 to 1
     * @param seed        seeds gaps and hang-ups
     */
    public LoadPlan(
            final Arrivals arrivals,
            final List<RequestShape> shapes,
            final Limits limits,
            final double hangUpShare,
            final long seed) {
        this.arrivals = arrivals;
        this.shapes = List.copyOf(shapes);
        this.limits = limits;
        this.hangUpShare = hangUpShare;
        this.seed = seed;
        this.nextArrivalNs = limits.requests() > 0 ? arrivals.arrivalNs(0, 0, seed) : 0;
    }

    /**
     * Where a run ends.
     *
     * @param requests   most requests
     * @param durationNs no request is sent after this time; in a closed loop the runner watches it
     */
    public record Limits(int requests, long durationNs) {}

    /** When arrivals end; answers may take longer. */
    public long durationNs() {
        return limits.durationNs();
    }

    /** Most requests of the run. */
    public int requestLimit() {
        return limits.requests();
    }

    @Override
    public boolean hasNext() {
        return nextIndex < limits.requests() && nextArrivalNs < limits.durationNs();
    }

    @Override
    public PlannedRequest next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the plan ended after " + nextIndex + " requests");
        }
        final int index = nextIndex++;
        final long arrivalNs = nextArrivalNs;
        if (nextIndex < limits.requests()) {
            nextArrivalNs = arrivals.arrivalNs(nextIndex, arrivalNs, seed);
        }
        final RequestShape shape = shapes.get(index % shapes.size());
        return new PlannedRequest(index, arrivalNs, shape, hangUpAfter(index, shape.outputTokens()));
    }

    /** Midway: after at least one token, and before the last where there are two or more. */
    private int hangUpAfter(final int index, final int outputTokens) {
        if (Mix.unit(seed, HANG_UP_DRAW, index) >= hangUpShare) {
            return 0;
        }
        return 1 + Mix.below(Math.max(1, outputTokens - 1), seed, HANG_UP_PLACE, index);
    }
}
