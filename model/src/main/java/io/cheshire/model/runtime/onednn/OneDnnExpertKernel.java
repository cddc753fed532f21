package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.matmul.MatmulContext;
import io.cheshire.model.runtime.onednn.matmul.PackedWeights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The expert FFN (docs/model.md §3): w1 and w3 in one matmul, SwiGLU, w2. */
final class OneDnnExpertKernel implements ExpertKernel {
    private final MatmulContext context;
    private final ExpertScratch scratch;
    private final Dtype inputDtype;
    /** Whether what goes into w2 is rounded to bf16 first; where it is rounded to integers, it isn't. */
    private final boolean roundsActivated;

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
        this.roundsActivated = inputDtype == Dtype.BF16 && precision.experts() == null;
        this.hidden = config.hiddenSize();
        this.ffn = config.ffnSize();
        this.maxRows = maxRows;
        scratch.reserve(maxRows, ffn);
        final int mostRows = Math.min(maxRows, ExpertScratch.MAX_BLOCK_ROWS);
        final Quantisation how = precision.experts();
        final List<TensorView> both = List.of(weights.w1(), weights.w3());
        final List<@Nullable TensorView> none = Arrays.asList(null, null);
        gateUp = how == null
                ? context.pack(mostRows, hidden, inputDtype, both, none)
                : context.packQuantised(hidden, inputDtype, how, both, none);
        try {
            final List<TensorView> last = List.of(weights.w2());
            final List<@Nullable TensorView> noBias = Arrays.asList((TensorView) null);
            down = how == null
                    ? context.pack(mostRows, ffn, inputDtype, last, noBias)
                    : context.packQuantised(ffn, Dtype.F32, how, last, noBias);
        } catch (final RuntimeException | Error failure) {
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
            scratch.swiGlu(count, ffn, roundsActivated);
            down.multiply(scratch.activated(), count, results.address() + done * resultBytes, false);
        }
    }

    @Override
    public void close() {
        gateUp.close();
        down.close();
    }
}
