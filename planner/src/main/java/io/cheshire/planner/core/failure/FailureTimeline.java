package io.cheshire.planner.core.failure;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.ArrayList;
import java.util.List;

/** The loss of one node over time, in the words of the chaos report. */
public final class FailureTimeline {
    private FailureTimeline() {}

    /**
     * From a moment on.
     *
     * @param atSeconds since the node died
     * @param what      happens then
     * @param carried   share of the whole fleet's knee that is carried from then on
     */
    public record Moment(double atSeconds, String what, double carried) {}

    /**
     * Of a fleet.
     *
     * @param survives whether every unit has another holder
     * @param room     whether memory has room for its copies
     * @param kneeLeft share of the knee that is left without the node
     */
    public static List<Moment> of(
            final CapacityPlan plan,
            final FleetShape fleet,
            final boolean survives,
            final boolean room,
            final double kneeLeft) {
        final Calibration calibration = plan.routerClass().calibration();
        final double detect = median(calibration, Spread.DETECT_DEATH);
        final double gap = Math.max(detect, plan.failures().episode().gapSeconds());
        final double restored = plan.failures().episode().restoreSeconds();
        final double repaired = plan.failures().device().meanRepairHours() * 3_600;
        final List<Moment> moments = new ArrayList<>();
        moments.add(new Moment(0, "a node dies", survives ? kneeLeft : 0));
        moments.add(new Moment(detect, "routers notice by its lifeline", survives ? kneeLeft : 0));
        if (survives) {
            moments.add(new Moment(gap, "its rows are sent to other holders", kneeLeft));
        }
        if (room) {
            moments.add(new Moment(
                    restored, survives ? "its copies are made again" : "its units are loaded elsewhere", kneeLeft));
        }
        moments.add(new Moment(
                fleet.spares() > 0 ? restored : repaired,
                fleet.spares() > 0 ? "a spare has taken its place" : "it is repaired and back (mean)",
                1));
        return moments;
    }

    private static double median(final Calibration calibration, final Spread spread) {
        final Calibration.Quantiles quantiles = calibration.spreads().get(spread);
        if (quantiles == null) {
            return 0;
        }
        int i = 0;
        while (i < quantiles.probabilities().size() - 1
                && quantiles.probabilities().get(i) < 0.5) {
            i++;
        }
        return quantiles.ns().get(i) * 1e-9;
    }
}
