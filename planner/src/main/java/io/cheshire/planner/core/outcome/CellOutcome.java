package io.cheshire.planner.core.outcome;

import io.cheshire.planner.core.events.StationBook;
import java.util.Arrays;
import java.util.BitSet;
import org.HdrHistogram.Histogram;

/**
 * What one cluster did with a stream of requests. Filled while it runs, by one thread; memory doesn't grow with tokens.
 */
public final class CellOutcome {
    private static final int DIGITS = 3;
    private static final long LONGEST_NS = 24L * 3_600 * 1_000_000_000;
    /** Nothing happened yet. */
    public static final long NEVER = -1;

    private final Histogram ttft = new Histogram(LONGEST_NS, DIGITS);
    private final Histogram itl = new Histogram(LONGEST_NS, DIGITS);
    private final Histogram e2e = new Histogram(LONGEST_NS, DIGITS);
    private final StationBook station = new StationBook("requests of a cluster");
    private final long[] firstNs;
    private final long[] endNs;
    private final BitSet complete;
    private final TokenTimeline timeline;
    private final int skippedGaps;
    private long tokens;
    private long finished;
    private long failed;
    private long rejected;
    private long lastEndNs;
    private long steps;
    private long preemptions;
    private long events;

    /** @param requests how many there will be */
    public CellOutcome(final int requests) {
        this(requests, 0);
    }

    /** @param skippedGaps gaps of each request, from its first on, that don't count */
    public CellOutcome(final int requests, final int skippedGaps) {
        this.skippedGaps = skippedGaps;
        firstNs = new long[requests];
        endNs = new long[requests];
        Arrays.fill(firstNs, NEVER);
        Arrays.fill(endNs, NEVER);
        complete = new BitSet(requests);
        timeline = new TokenTimeline();
    }

    /** A request waits for admission. */
    public void admitted(final long nowNs) {
        station.arrive(nowNs);
    }

    /** No cluster took it. */
    public void rejected(final int request, final long nowNs) {
        rejected++;
        endNs[request] = nowNs;
    }

    /** Its first token is with the client. */
    public void firstToken(final int request, final long arrivalNs, final long nowNs) {
        firstNs[request] = nowNs;
        ttft.recordValue(nowNs - arrivalNs);
        tokens++;
        timeline.add(nowNs, 1);
    }

    /** Another one, the so-manyth from 0 on, so long after the one before. */
    public void nextToken(final int index, final long nowNs, final long gapNs) {
        if (index > skippedGaps) {
            itl.recordValue(gapNs);
        }
        tokens++;
        timeline.add(nowNs, 1);
    }

    /** So many sequences have another one, all at once and so long after the ones before. */
    public void nextTokens(final long nowNs, final long gapNs, final int count) {
        itl.recordValueWithCount(gapNs, count);
        tokens += count;
        timeline.add(nowNs, count);
    }

    /** It has all its tokens. */
    public void finished(final int request, final long arrivalNs, final long admittedNs, final long nowNs) {
        finished++;
        complete.set(request);
        e2e.recordValue(nowNs - arrivalNs);
        end(request, admittedNs, nowNs);
    }

    /** It ended without them. */
    public void failed(final int request, final long admittedNs, final long nowNs) {
        failed++;
        end(request, admittedNs, nowNs);
    }

    private void end(final int request, final long admittedNs, final long nowNs) {
        endNs[request] = nowNs;
        lastEndNs = Math.max(lastEndNs, nowNs);
        station.depart(nowNs, admittedNs);
    }

    /** The run is over: what must hold of every run does. */
    public void close(final long stepCount, final long preemptionCount, final long eventCount) {
        steps += stepCount;
        preemptions += preemptionCount;
        events += eventCount;
        station.demandLittle();
        if (finished + failed + rejected != endNs.length) {
            throw new IllegalStateException(endNs.length + " requests came; " + finished + " finished, " + failed
                    + " failed, " + rejected + " were rejected");
        }
    }

    public Histogram ttft() {
        return ttft;
    }

    public Histogram itl() {
        return itl;
    }

    public Histogram e2e() {
        return e2e;
    }

    public StationBook station() {
        return station;
    }

    public TokenTimeline timeline() {
        return timeline;
    }

    /** When a request's first token came, or {@link #NEVER}. */
    public long firstNs(final int request) {
        return firstNs[request];
    }

    /** When a request ended in whatever way. */
    public long endNs(final int request) {
        return endNs[request];
    }

    /** Whether a request has all its tokens. */
    public boolean isFinished(final int request) {
        return complete.get(request);
    }

    public int requests() {
        return endNs.length;
    }

    public long tokens() {
        return tokens;
    }

    public long finished() {
        return finished;
    }

    public long failed() {
        return failed;
    }

    public long rejected() {
        return rejected;
    }

    public long lastEndNs() {
        return lastEndNs;
    }

    public long steps() {
        return steps;
    }

    public long preemptions() {
        return preemptions;
    }

    public long events() {
        return events;
    }

    /** Tokens a second from the start to the last end. */
    public double tokensPerSecond() {
        return lastEndNs == 0 ? 0 : tokens * 1e9 / lastEndNs;
    }
}
