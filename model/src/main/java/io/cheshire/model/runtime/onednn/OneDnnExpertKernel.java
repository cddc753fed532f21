package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.matmul.MatmulContext;
import io.cheshire.model.runtime.onednn.matmul.PackedWeights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** The expert FFN (docs/model.md §3): w1 and w3 in one matmul, SwiGLU, w2. */
final class OneDnnExpertKernel implements ExpertKernel {
    private final MatmulContext context;
    private final ExpertScratch scratch;
    private final Dtype inputDtype;
    private final int hidden;
    private final int ffn;
    private final int maxRows;
    private final PackedWeights gateUp;
    private final PackedWeights down;

    OneDnnExpertKernel(
            final MatmulContext context,
            final ExpertScratch scratch,
            final ModelConfig config,
            final Precision precision,
            final UnitWeights weights,
            final int maxRows) {
        this.context = context;
        this.scratch = scratch;
        this.inputDtype = precision.rowDtype();
        this.hidden = config.hiddenSize();
        this.ffn = config.ffnSize();
        this.maxRows = maxRows;
        scratch.reserve(maxRows, ffn);
        final int mostRows = Math.min(maxRows, ExpertScratch.MAX_BLOCK_ROWS);
        gateUp = context.pack(
                mostRows, hidden, inputDtype, List.of(weights.w1(), weights.w3()), Arrays.asList(null, null));
        try {
            down = context.pack(mostRows, ffn, inputDtype, List.of(weights.w2()), Arrays.asList((TensorView) null));
        } catch (final RuntimeException failure) {
            gateUp.close();
            throw failure;
        }
    }

    @Override
    public Dtype inputDtype() {
        return inputDtype;
    }

    @Override
    public long weightBytes() {
        return gateUp.bytes() + down.bytes();
    }

    @Override
    public void forward(final MemorySegment rows, final int rowCount, final MemorySegment results) {
        final long rowBytes = (long) hidden * inputDtype.bytes();
        final long resultBytes = (long) hidden * Float.BYTES;
        if (rowCount < 1 || rowCount > maxRows) {
            throw new IllegalArgumentException("rowCount " + rowCount + " is not in 1 .. " + maxRows);
        }
        Checks.block(rows, rowBytes * rowCount, "rows");
        Checks.block(results, resultBytes * rowCount, "results");
        context.team().prepareCallingThread();
        for (int done = 0; done < rowCount; done += ExpertScratch.MAX_BLOCK_ROWS) {
            final int count = Math.min(ExpertScratch.MAX_BLOCK_ROWS, rowCount - done);
            gateUp.multiply(rows.address() + done * rowBytes, count, scratch.gateUp(), false);
            scratch.swiGlu(count, ffn, inputDtype == Dtype.BF16);
            down.multiply(scratch.activated(), count, results.address() + done * resultBytes, false);
        }
    }

    @Override
    public void close() {
        gateUp.close();
        down.close();
    }
}
