package io.cheshire.model.core.paced;

import io.cheshire.model.core.calibration.LayerTimes;
import io.cheshire.model.core.calibration.TabledFit;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Quantity;

/** How long the calls of kernels take by a calibration. Immutable; any thread. */
public final class PacedTimes {
    private final int layerCount;
    private final TabledFit ffn;
    private final LayerTimes layers;
    private final TabledFit head;

    public PacedTimes(final Calibration calibration) {
        layerCount = calibration.origin().shape().layerCount();
        ffn = TabledFit.of(calibration, Quantity.FFN);
        layers = new LayerTimes(calibration);
        head = TabledFit.of(calibration, Quantity.HEAD);
    }

    /** A unit's FFN. */
    public long expertNs(final int rowCount) {
        return Math.round(ffn.ns(rowCount));
    }

    /** A layer up to its gate. */
    public long layerNs(final StepBatch batch) {
        return Math.round(layers.ns(batch));
    }

    /** Final norm and head. */
    public long headNs(final int sampledRows) {
        return Math.round(head.ns(sampledRows));
    }

    /** The kernels of the shortest step: one row that decodes, its two experts at once. Lateness is held against it. */
    public double shortestStepNs() {
        return layerCount * (layers.decodeNs(1, 1) + ffn.ns(1)) + head.ns(1);
    }

    public int layerCount() {
        return layerCount;
    }
}
