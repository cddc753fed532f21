package io.cheshire.planner.core.cost;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Origin;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.planner.protocol.plan.DeviceClass.Device;
import io.cheshire.planner.protocol.plan.PlannedModel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntToDoubleFunction;

/**
 * A calibration that nobody measured: a roofline over a {@link DataSheet} for kernels, and for all else what was once
 * measured on other machines (docs/performance.md, decision 14). Its interval is wide, and says so.
 */
public final class AssumedCalibration {
    /** Half of its interval: published planners are off by 30 % and more on machines that they weren't measured on. */
    public static final double RELATIVE_ERROR = 0.4;

    /** A MAC over a row to a node and over its result costs about this at either end (docs/decisions/0014). */
    private static final double MAC_ROW_NS = 10_000;

    /** Copying both at the 14 GB/s of Aeron over shared memory. */
    private static final double COPY_ROW_NS = 1_800;

    /** CRC32C over both, which every frame carries where it has no MAC. */
    private static final double CHECKSUM_ROW_NS = 900;

    private static final int[] ROWS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096};
    private static final double MEASURED_TO = 1e12;

    private AssumedCalibration() {}

    /**
     * Of a device for a model.
     *
     * @param frameMac whether every frame carries a MAC, as it does where there is a cluster secret
     */
    public static Calibration of(final DataSheet sheet, final PlannedModel model, final boolean frameMac) {
        final Map<Quantity, Fit> fits = new EnumMap<>(Quantity.class);
        final Shape shape = model.shape();
        final Precision precision = model.precision();
        final double unit = DeviceMemory.unitBytes(model, sheet.device());
        final double perWeight = 2.0 / model.bytesPerWeight();
        fits.put(
                Quantity.FFN,
                table(rows -> sheet.callNs()
                        + sheet.hostNs(rows * (double) model.rowAndResultBytes())
                        + sheet.ns(unit, rows * unit * perWeight, precision)));
        final double layer = model.routerLayerBytes();
        fits.put(
                Quantity.PROJECTIONS,
                table(rows -> sheet.callNs() + sheet.ns(layer, rows * layer * perWeight, precision)));
        final double head = model.headBytes();
        fits.put(Quantity.HEAD, table(rows -> sheet.callNs() + sheet.ns(head, rows * head * perWeight, precision)));
        final double kvBytes = (double) model.kvBytesPerToken() / shape.layerCount();
        fits.put(Quantity.ATTENTION_DECODE, plane(sheet.callNs() / 2, sheet.ns(kvBytes, 0, precision), 200));
        // Products with keys and values; attention reaches a tenth of what matmuls do.
        final double flops = 4.0 * shape.headCount() * shape.headDim();
        fits.put(Quantity.ATTENTION_PREFILL, plane(0, 50, 10 * sheet.ns(0, flops, precision)));
        overheads(fits, frameMac);
        return new Calibration(
                Calibration.FORMAT,
                new Origin(
                        true,
                        "none",
                        "data sheet of " + sheet.id(),
                        1,
                        "none",
                        "none",
                        "none",
                        shape,
                        precision.name()),
                fits,
                spreads(),
                0,
                List.of("nothing was measured on " + sheet.id() + ": times are a roofline over its data sheet ("
                        + Math.round(100 * DataSheet.BANDWIDTH_SHARE) + " % of its bandwidth, "
                        + Math.round(100 * DataSheet.FLOPS_SHARE) + " % of its arithmetic"
                        + (sheet.device() == Device.GPU ? ", rows over PCIe" : "") + "), give or take "
                        + Math.round(100 * RELATIVE_ERROR) + " %"));
    }

    private static void overheads(final Map<Quantity, Fit> fits, final boolean frameMac) {
        fits.put(Quantity.SAMPLER, plane(5_000, 20_000, 0));
        fits.put(Quantity.STEP, plane(100_000, 5_000, 0));
        fits.put(Quantity.INGEST, plane(2_000_000, 2_000, 0));
        fits.put(Quantity.STREAM, plane(50_000, 0, 0));
        fits.put(Quantity.EXCHANGE, plane(20_000, COPY_ROW_NS + (frameMac ? MAC_ROW_NS : CHECKSUM_ROW_NS), 2_000));
        fits.put(Quantity.LOAD_WARM, plane(2e6, 0.4, 0));
        fits.put(Quantity.LOAD_COLD, plane(5e6, 1, 0));
    }

    /**
     * Delays where nobody measured any. A death: as {@code chaos kill} found it on two cores, 94 ms in the median, 180
     * ms at worst (docs/lab/2026-11-lost-nodes.md). A silence: the product suspects after 200 ms. Others are round
     * figures.
     */
    private static Map<Spread, Quantiles> spreads() {
        return Map.of(
                Spread.DETECT_DEATH, quantiles(50e6, 94e6, 180e6),
                Spread.DETECT_SILENCE, quantiles(200e6, 220e6, 300e6),
                Spread.PUBLISH, quantiles(20e6, 50e6, 500e6),
                Spread.RESTART, quantiles(0.7e9, 1e9, 10e9),
                Spread.PAUSE, quantiles(0.5e6, 2e6, 20e6),
                Spread.BETWEEN_PAUSES, quantiles(0.2e9, 1e9, 5e9));
    }

    /** One of these delays, for a calibration that couldn't measure it. */
    public static Quantiles spread(final Spread spread) {
        return Objects.requireNonNull(spreads().get(spread), spread::name);
    }

    private static Quantiles quantiles(final double least, final double median, final double most) {
        return new Quantiles(List.of(0.0, 0.5, 1.0), List.of(least, median, most));
    }

    private static Fit table(final IntToDoubleFunction ns) {
        final List<Double> at = new ArrayList<>();
        final List<Double> points = new ArrayList<>();
        for (final int rows : ROWS) {
            at.add((double) rows);
            points.add(ns.applyAsDouble(rows));
        }
        return new Fit.Table(at, points, RELATIVE_ERROR);
    }

    private static Fit plane(final double constantNs, final double perFirstNs, final double perSecondNs) {
        return new Fit.Plane(constantNs, perFirstNs, perSecondNs, MEASURED_TO, MEASURED_TO, RELATIVE_ERROR);
    }
}
