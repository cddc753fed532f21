package io.cheshire.planner.runtime.fleet;

import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.outcome.FleetOutcome;
import io.cheshire.planner.core.outcome.LoadJudge;
import io.cheshire.planner.core.step.StepCell;
import io.cheshire.planner.core.step.StepTable;
import io.cheshire.planner.core.step.StrikeTimes;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Cells alike behind a balancer that takes one after the other, each simulated for itself. What comes out doesn't
 * depend on the number of threads: cells have chance of their own, and are added up in their order.
 */
public final class FleetSteps {
    private final CellPlan plan;
    private final StepTable table;
    private final StepTimes times;
    private final StrikeTimes strikeTimes;

    public FleetSteps(
            final CellPlan plan, final StepTable table, final StepTimes times, final StrikeTimes strikeTimes) {
        this.plan = plan;
        this.table = table;
        this.times = times;
        this.strikeTimes = strikeTimes;
    }

    /** Runs all cells; {@code strikes} has one list a cell. */
    public FleetOutcome run(
            final RequestStream requests,
            final List<List<Strike>> strikes,
            final LoadJudge.Promise promise,
            final long seed,
            final int threads) {
        final int cells = strikes.size();
        final List<Future<CellOutcome>> running = new ArrayList<>();
        final FleetOutcome fleet = new FleetOutcome();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < cells; i++) {
                final int cell = i;
                running.add(pool.submit(() -> new StepCell(
                                plan,
                                table,
                                times,
                                requests.every(cells, cell),
                                strikes.get(cell),
                                strikeTimes,
                                new StepCell.Part(cell, seed))
                        .run()));
            }
            for (int i = 0; i < cells; i++) {
                fleet.add(running.set(i, finished()).get(), requests.every(cells, i), promise);
            }
        } catch (final ExecutionException failed) {
            throw new IllegalStateException("a cell failed: " + failed.getMessage(), failed);
        } catch (final InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", stopped);
        }
        return fleet;
    }

    /** What was added up needs no memory any more. */
    private static Future<CellOutcome> finished() {
        return CompletableFuture.completedFuture(new CellOutcome(0));
    }
}
