package io.cheshire.planner.core.times;

import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;

/**
 * How long the parts of a step take on one class of router and one of node: the calibration's fits, those of one
 * argument tabulated row by row. Immutable; any thread.
 */
public final class StepTimes {
    /** The longest table: beyond it the fit itself is asked. */
    private static final int TABLED_ROWS = 1_024;

    private final Calibration router;
    private final Calibration node;
    private final Shape shape;
    private final double[] projections;
    private final double[] head;
    private final double[] sampler;
    private final double[] ffn;
    private final Fit decode;
    private final Fit prefill;
    private final Exchange exchange;

    /**
     * Dispatch and combine of one layer.
     *
     * @param constantNs there and back, whatever is sent
     * @param perRowNs   of the router's engine, for each row sent
     * @param perShardNs likewise for each shard
     */
    public record Exchange(double constantNs, double perRowNs, double perShardNs) {}

    /**
     * @param router what routers run on
     * @param node   what expert nodes run on; of the same model
     */
    public StepTimes(final Calibration router, final Calibration node) {
        this.router = router;
        this.node = node;
        this.shape = router.origin().shape();
        if (!shape.equals(node.origin().shape())) {
            throw new IllegalArgumentException("the router's calibration is of a model of " + shape + ", the node's of "
                    + node.origin().shape() + ": take both of one model");
        }
        projections = table(router, Quantity.PROJECTIONS);
        head = table(router, Quantity.HEAD);
        sampler = table(router, Quantity.SAMPLER);
        ffn = table(node, Quantity.FFN);
        decode = fit(router, Quantity.ATTENTION_DECODE);
        prefill = fit(router, Quantity.ATTENTION_PREFILL);
        exchange = exchange(fit(router, Quantity.EXCHANGE));
    }

    private static Exchange exchange(final Fit fit) {
        return switch (fit) {
            case Fit.Plane plane -> new Exchange(plane.constantNs(), plane.perFirstNs(), plane.perSecondNs());
            case Fit.Table table -> {
                final double one = table.ns(1, 0);
                final double many = table.ns(table.at().getLast(), 0);
                final double perRow = table.at().getLast() > 1
                        ? Math.max(0, (many - one) / (table.at().getLast() - 1))
                        : 0;
                yield new Exchange(Math.max(0, one - perRow), perRow, 0);
            }
        };
    }

    private static Fit fit(final Calibration calibration, final Quantity quantity) {
        final Fit fit = calibration.fits().get(quantity);
        if (fit == null) {
            throw new IllegalArgumentException(
                    "the calibration of " + calibration.origin().machine() + " has no " + quantity
                            + ", without which nothing can be simulated: calibrate again");
        }
        return fit;
    }

    private static double[] table(final Calibration calibration, final Quantity quantity) {
        final Fit fit = fit(calibration, quantity);
        final double[] ns = new double[TABLED_ROWS + 1];
        for (int rows = 1; rows <= TABLED_ROWS; rows++) {
            ns[rows] = fit.ns(rows, 0);
        }
        return ns;
    }

    private double of(final double[] table, final Calibration calibration, final Quantity quantity, final int rows) {
        return rows < table.length ? table[rows] : fit(calibration, quantity).ns(rows, 0);
    }

    public Shape shape() {
        return shape;
    }

    /** What routers were measured with. */
    public Calibration router() {
        return router;
    }

    /** What nodes were measured with. */
    public Calibration node() {
        return node;
    }

    public Exchange exchange() {
        return exchange;
    }

    /** What one layer of a step takes on the router, all of its layers alike. */
    public double layerNs(final StepBatch batch) {
        double contexts = 0;
        int decoding = 0;
        double ns = of(projections, router, Quantity.PROJECTIONS, batch.rowCount);
        for (int slot = 0; slot < batch.sequenceCount; slot++) {
            final int rows = batch.rowsOf[slot];
            if (rows == 1) {
                decoding++;
                contexts += batch.firstPosition[slot] + 1;
            } else {
                ns += prefill.ns(rows, rows * (batch.firstPosition[slot] + (rows + 1) / 2.0));
            }
        }
        return decoding == 0 ? ns : ns + decode.ns(contexts, decoding);
    }

    /** The same of a step of sequences that are each given one row, at contexts of so many tokens together. */
    public double decodeLayerNs(final int sequences, final double contexts) {
        return of(projections, router, Quantity.PROJECTIONS, sequences) + decode.ns(contexts, sequences);
    }

    /** What a step costs once: its head, its sampler, and what it costs beside its kernels. */
    public double onceNs(final StepBatch batch) {
        return logitsNs(batch.logitsRowCount) + overheadNs(batch.sequenceCount);
    }

    /** Head and sampler of so many rows. */
    public double logitsNs(final int rows) {
        return rows == 0 ? 0 : of(head, router, Quantity.HEAD, rows) + of(sampler, router, Quantity.SAMPLER, rows);
    }

    /** What a step of so many sequences costs beside its kernels. */
    public double overheadNs(final int sequences) {
        return fit(router, Quantity.STEP).ns(sequences, 0);
    }

    /** One unit's rows on a node. */
    public double expertNs(final int rows) {
        return of(ffn, node, Quantity.FFN, rows);
    }

    /** From a request's arrival until it waits for admission. */
    public long ingestNs(final int promptTokens) {
        return Math.round(fit(router, Quantity.INGEST).ns(promptTokens, 0));
    }

    /** From a sampled token until the client has it. */
    public long streamNs() {
        return Math.round(fit(router, Quantity.STREAM).ns(1, 0));
    }

    /** Bytes of a unit's weights. */
    public double unitBytes() {
        return precision().unitBytes(shape.hiddenSize(), shape.ffnSize());
    }

    /** Bytes of a row on its way to a node. */
    public int rowBytes() {
        return shape.hiddenSize() * precision().rowDtype().bytes();
    }

    private Precision precision() {
        return Precision.valueOf(node.origin().precision());
    }

    /** Reading one unit; where only one kind was measured, that one. */
    public double loadNs(final boolean cold) {
        final Quantity wanted = cold ? Quantity.LOAD_COLD : Quantity.LOAD_WARM;
        final Quantity other = cold ? Quantity.LOAD_WARM : Quantity.LOAD_COLD;
        return fit(node, node.fits().containsKey(wanted) || !node.fits().containsKey(other) ? wanted : other)
                .ns(unitBytes(), 0);
    }
}
