package io.cheshire.planner.core.times;

import io.cheshire.model.core.calibration.LayerTimes;
import io.cheshire.model.core.calibration.TabledFit;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;

/**
 * How long the parts of a step take on one class of router and one of node, by the calibration's fits. Immutable; any
 * thread.
 */
public final class StepTimes {
    private final Calibration router;
    private final Calibration node;
    private final Shape shape;
    private final LayerTimes layers;
    private final TabledFit head;
    private final TabledFit sampler;
    private final TabledFit ffn;
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
        layers = new LayerTimes(router);
        head = TabledFit.of(router, Quantity.HEAD);
        sampler = TabledFit.of(router, Quantity.SAMPLER);
        ffn = TabledFit.of(node, Quantity.FFN);
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
        return TabledFit.fit(calibration, quantity);
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
        return layers.ns(batch);
    }

    /** The same of a step of sequences that are each given one row, at contexts of so many tokens together. */
    public double decodeLayerNs(final int sequences, final double contexts) {
        return layers.decodeNs(sequences, contexts);
    }

    /** The same of a step that has a whole prompt of so many tokens. */
    public double promptLayerNs(final int tokens) {
        return layers.promptNs(tokens);
    }

    /** What a step costs once: its head, its sampler, and what it costs beside its kernels. */
    public double onceNs(final StepBatch batch) {
        return logitsNs(batch.logitsRowCount) + overheadNs(batch.sequenceCount);
    }

    /** Head and sampler of so many rows. */
    public double logitsNs(final int rows) {
        return rows == 0 ? 0 : head.ns(rows) + sampler.ns(rows);
    }

    /** What a step of so many sequences costs beside its kernels. */
    public double overheadNs(final int sequences) {
        return fit(router, Quantity.STEP).ns(sequences, 0);
    }

    /** One unit's rows on a node. */
    public double expertNs(final int rows) {
        return ffn.ns(rows);
    }

    /** From a request's arrival until it waits for admission. */
    public long ingestNs(final int promptTokens) {
        return Math.round(fit(router, Quantity.INGEST).ns(promptTokens, 0));
    }

    /** From an answer's first token until the client has it. */
    public long firstStreamNs() {
        return Math.round(fit(router, Quantity.STREAM).ns(1, 0));
    }

    /** The same of any other token. Where only one kind was measured, that one. */
    public long streamNs() {
        final Fit stream = fit(router, Quantity.STREAM);
        return Math.round(stream.ns(stream.covers(2, 0) ? 2 : 1, 0));
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
