package io.cheshire.planner.core.outcome;

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

    /** Adds a cell that is over. */
    public void add(final CellOutcome cell) {
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
}
