package io.cheshire.model.core.paced;

import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import java.util.Objects;

/** How long the calls of kernels take by a calibration. Immutable; any thread. */
public final class PacedTimes {
    private final int layerCount;
    private final Fit ffn;
    private final Fit decode;
    private final Fit prefill;
    private final Fit projections;
    private final Fit head;

    public PacedTimes(final Calibration calibration) {
        layerCount = calibration.origin().shape().layerCount();
        ffn = fit(calibration, Quantity.FFN);
        decode = fit(calibration, Quantity.ATTENTION_DECODE);
        prefill = fit(calibration, Quantity.ATTENTION_PREFILL);
        projections = fit(calibration, Quantity.PROJECTIONS);
        head = fit(calibration, Quantity.HEAD);
    }

    private static Fit fit(final Calibration calibration, final Quantity quantity) {
        return Objects.requireNonNull(calibration.fits().get(quantity), () -> quantity + " isn't calibrated");
    }

    /** A unit's FFN. */
    public long expertNs(final int rowCount) {
        return Math.round(ffn.ns(rowCount, 0));
    }

    /**
     * A layer up to its gate. Slots with one row decode; those with more are chunks of prompts, whose rows see, on
     * average, half of the chunk and all before it.
     */
    public long layerNs(final StepBatch batch) {
        long contexts = 0;
        int decoding = 0;
        double chunkRows = 0;
        double chunkWork = 0;
        for (int slot = 0; slot < batch.sequenceCount; slot++) {
            final int rows = batch.rowsOf[slot];
            if (rows == 1) {
                contexts += batch.firstPosition[slot] + 1;
                decoding++;
            } else {
                chunkRows += rows;
                chunkWork += rows * (batch.firstPosition[slot] + (rows + 1) / 2.0);
            }
        }
        final double attention = (decoding == 0 ? 0 : decode.ns((double) contexts, decoding))
                + (chunkRows == 0 ? 0 : prefill.ns(chunkRows, chunkWork));
        return Math.round(attention + projections.ns(batch.rowCount, 0));
    }

    /** Final norm and head. */
    public long headNs(final int sampledRows) {
        return sampledRows == 0 ? 0 : Math.round(head.ns(sampledRows, 0));
    }

    /** The kernels of the shortest step: one row that decodes, its two experts at once. Lateness is held against it. */
    public double shortestStepNs() {
        return layerCount * (projections.ns(1, 0) + decode.ns(1, 1) + ffn.ns(1, 0)) + head.ns(1, 0);
    }

    public int layerCount() {
        return layerCount;
    }
}
