package io.cheshire.planner.core.outcome;

import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.protocol.run.RequestStream;
import org.HdrHistogram.Histogram;

/** What several cells did, added up. */
public final class FleetOutcome {
    private final CellOutcome none = new CellOutcome(0);
    private final Histogram ttft = none.ttft();
    private final Histogram itl = none.itl();
    private final Histogram e2e = none.e2e();
    private long requests;
    private long tokens;
    private long finished;
    private long failed;
    private long rejected;
    private long steps;
    private long events;
    private long kept;
    private double tokensPerSecond;
    private LoadState state = LoadState.STABLE;

    /** Adds a cell that is over, with what it was asked and what was promised. */
    public void add(final CellOutcome cell, final RequestStream asked, final LoadJudge.Promise promise) {
        add(cell);
        kept += Math.round(LoadJudge.goodput(asked, cell, promise) * cell.requests());
        final LoadState own = LoadJudge.state(asked, cell);
        state = own.compareTo(state) > 0 ? own : state;
    }

    /** Adds a cell that is over. */
    public void add(final CellOutcome cell) {
        tokensPerSecond += cell.tokensPerSecond();
        ttft.add(cell.ttft());
        itl.add(cell.itl());
        e2e.add(cell.e2e());
        requests += cell.requests();
        tokens += cell.tokens();
        finished += cell.finished();
        failed += cell.failed();
        rejected += cell.rejected();
        steps += cell.steps();
        events += cell.events();
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

    public long requests() {
        return requests;
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

    public long steps() {
        return steps;
    }

    public long events() {
        return events;
    }

    /** Part of all requests that kept what was promised. */
    public double goodput() {
        return requests == 0 ? 1 : (double) kept / requests;
    }

    /** Of the cell that stood worst. */
    public LoadState state() {
        return state;
    }

    /** Of all cells together. */
    public double tokensPerSecond() {
        return tokensPerSecond;
    }
}
