package io.cheshire.model.core.calibration;

import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;

/**
 * How long a router's kernels take for one layer, up to its gate, by a calibration: for kernels that are paced by it
 * and for simulations alike. Immutable; any thread.
 */
public final class LayerTimes {
    private final TabledFit projections;
    private final Fit decode;
    private final Fit prefill;

    public LayerTimes(final Calibration calibration) {
        projections = TabledFit.of(calibration, Quantity.PROJECTIONS);
        decode = TabledFit.fit(calibration, Quantity.ATTENTION_DECODE);
        prefill = TabledFit.fit(calibration, Quantity.ATTENTION_PREFILL);
    }

    /**
     * One layer of a step, ns. Slots with one row decode; those with more are chunks of prompts, whose rows see, on
     * average, half of the chunk and all before it. A call's constant counts once, however many chunks are in it, as
     * that of decoding does, however many sequences.
     */
    public double ns(final StepBatch batch) {
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
        return projections.ns(batch.rowCount)
                + (decoding == 0 ? 0 : decode.ns((double) contexts, decoding))
                + (chunkRows == 0 ? 0 : prefill.ns(chunkRows, chunkWork));
    }

    /** The same of a step of one prompt of so many tokens, of which none was computed before. */
    public double promptNs(final int tokens) {
        return projections.ns(tokens) + prefill.ns(tokens, tokens * (tokens + 1) / 2.0);
    }

    /** The same of a step of sequences that are each given one row, at contexts of so many tokens together. */
    public double decodeNs(final int sequences, final double contexts) {
        return projections.ns(sequences) + decode.ns(contexts, sequences);
    }
}
