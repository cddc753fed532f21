package io.cheshire.planner.testing;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Origin;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Machines and clusters with round figures, none of them measured. */
public final class PlannerSamples {
    private static final double ERROR = 0.05;

    private PlannerSamples() {}

    /** Of Phi-3.5-MoE with so many layers: an accelerator of no particular kind. */
    public static Calibration calibration(final int layers) {
        final Map<Quantity, Fit> fits = new EnumMap<>(Quantity.class);
        fits.put(
                Quantity.FFN,
                new Fit.Table(
                        List.of(1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0),
                        List.of(100e3, 102e3, 105e3, 110e3, 120e3, 140e3, 180e3, 260e3, 420e3, 740e3),
                        ERROR));
        fits.put(Quantity.ATTENTION_DECODE, new Fit.Plane(20e3, 5, 1e3, 1e6, 512, ERROR));
        fits.put(Quantity.ATTENTION_PREFILL, new Fit.Plane(20e3, 500, 2, 512, 1e6, ERROR));
        fits.put(Quantity.PROJECTIONS, new Fit.Table(List.of(1.0, 16.0, 512.0), List.of(50e3, 60e3, 500e3), ERROR));
        fits.put(Quantity.HEAD, new Fit.Table(List.of(1.0, 64.0), List.of(100e3, 200e3), ERROR));
        fits.put(Quantity.SAMPLER, new Fit.Table(List.of(1.0, 64.0), List.of(20e3, 640e3), ERROR));
        fits.put(Quantity.STEP, new Fit.Plane(100e3, 2e3, 0, 128, 0, ERROR));
        fits.put(Quantity.INGEST, new Fit.Plane(500e3, 1e3, 0, 8_192, 0, ERROR));
        fits.put(Quantity.STREAM, new Fit.Plane(50e3, 0, 0, 1, 0, ERROR));
        fits.put(Quantity.EXCHANGE, new Fit.Plane(60e3, 500, 3e3, 2_048, 32, ERROR));
        fits.put(Quantity.LOAD_WARM, new Fit.Plane(1e6, 0.5, 0, 1e9, 0, ERROR));
        fits.put(Quantity.LOAD_COLD, new Fit.Plane(1e6, 2, 0, 1e9, 0, ERROR));
        final Map<Calibration.Spread, Calibration.Quantiles> spreads = new EnumMap<>(Calibration.Spread.class);
        for (final Calibration.Spread spread : Calibration.Spread.values()) {
            spreads.put(spread, new Calibration.Quantiles(List.of(0.5, 1.0), List.of(100e6, 200e6)));
        }
        return new Calibration(
                Calibration.FORMAT,
                new Origin(
                        true,
                        "none",
                        "a sample",
                        8,
                        "25",
                        "2026-11-29",
                        "00ff",
                        new Shape(32_064, 4_096, 6_400, layers, 32, 8, 128, 16, 2),
                        "BF16"),
                fits,
                spreads,
                0,
                List.of());
    }

    /** The same for both kinds of machine. */
    public static StepTimes times(final int layers) {
        return new StepTimes(calibration(layers), calibration(layers));
    }

    /** A cluster whose processes have hosts of their own. */
    public static CellPlan cell(final int nodes, final int replicas, final int routers, final int lanes) {
        return new CellPlan(
                new CellPlan.Size(nodes, replicas, routers, 0),
                CellPlan.RouterLimits.of(lanes, 20_000),
                CellPlan.Hosts.own(),
                CellPlan.Link.asMeasured(),
                CellPlan.Recovery.usual());
    }
}
