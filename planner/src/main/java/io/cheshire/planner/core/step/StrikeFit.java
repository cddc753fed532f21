package io.cheshire.planner.core.step;

import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import java.util.ArrayList;
import java.util.List;

/**
 * How much slower steps are from a strike until the cluster is whole, so that requests take as much longer in this
 * fidelity as they did in the exact one. A stall alone is not enough: who is silent is waited for at every layer until
 * he is suspect, and who comes back is given rows that he has to catch up with.
 */
public final class StrikeFit {
    private static final double LEAST = 0.5;
    private static final double MOST = 16;
    private static final int HALVINGS = 14;

    private final CellPlan plan;
    private final StepTable table;
    private final StepTimes times;

    /** @param table of the cluster's steps */
    public StrikeFit(final CellPlan plan, final StepTable table, final StepTimes times) {
        this.plan = plan;
        this.table = table;
        this.times = times;
    }

    /**
     * A strike that was played in the exact fidelity.
     *
     * @param extraNs by how much longer a request took than without it, on average
     * @param stallNs the longest gap, less the usual
     * @param wholeNs until the cluster was whole
     */
    public record Played(RequestStream requests, Strike strike, double extraNs, long stallNs, long wholeNs) {}

    /** The factor that fits all plays together. */
    public double slowdown(final List<Played> plays) {
        final List<Double> calmNs = new ArrayList<>();
        for (int i = 0; i < plays.size(); i++) {
            calmNs.add(meanNs(plays.get(i), i, List.of(), 1));
        }
        double low = LEAST;
        double high = MOST;
        for (int halving = 0; halving < HALVINGS; halving++) {
            final double middle = Math.sqrt(low * high);
            double missedNs = 0;
            for (int i = 0; i < plays.size(); i++) {
                final Played play = plays.get(i);
                missedNs += play.extraNs - (meanNs(play, i, List.of(play.strike), middle) - calmNs.get(i));
            }
            if (missedNs > 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.sqrt(low * high);
    }

    private double meanNs(final Played play, final int number, final List<Strike> strikes, final double slowdown) {
        final StrikeTimes own = new StrikeTimes();
        own.add(play.strike.kind(), new long[] {play.stallNs}, new long[] {play.wholeNs}, slowdown);
        return new StepCell(plan, table, times, play.requests, strikes, own, new StepCell.Part(0, number))
                .run()
                .e2e()
                .getMean();
    }
}
