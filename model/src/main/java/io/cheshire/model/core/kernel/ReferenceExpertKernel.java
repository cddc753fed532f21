package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The expert FFN, one row after another (docs/model.md §3): {@code y = W2 (silu(W1 x) * (W3 x))}. */
final class ReferenceExpertKernel implements ExpertKernel {
    private final Precision precision;
    private final int maxRows;
    private final Linear w1;
    private final Linear w2;
    private final Linear w3;
    private final float[] x; // [hidden]
    private final float[] gate; // [ffn]
    private final float[] up; // [ffn]
    private final float[] y; // [hidden]

    ReferenceExpertKernel(
            final ModelConfig config, final Precision precision, final UnitWeights weights, final int maxRows) {
        final int hidden = config.hiddenSize();
        final int ffn = config.ffnSize();
        this.precision = precision;
        this.maxRows = maxRows;
        w1 = new Linear(weights.w1(), null, ffn, hidden, precision, precision.experts());
        w2 = new Linear(weights.w2(), null, hidden, ffn, precision, precision.experts());
        w3 = new Linear(weights.w3(), null, ffn, hidden, precision, precision.experts());
        x = new float[hidden];
        gate = new float[ffn];
        up = new float[ffn];
        y = new float[hidden];
    }

    @Override
    public Dtype inputDtype() {
        return precision.rowDtype();
    }

    @Override
    public long weightBytes() {
        return w1.bytes() + w2.bytes() + w3.bytes();
    }

    @Override
    public void forward(final MemorySegment rows, final int rowCount, final MemorySegment results) {
        if (rowCount < 1 || rowCount > maxRows) {
            throw new IllegalArgumentException("rowCount " + rowCount + " is not in 1 .. " + maxRows);
        }
        for (int row = 0; row < rowCount; row++) {
            TypedRows.read(rows, precision.rowDtype(), row, x);
            w1.apply(x, gate);
            w3.apply(x, up);
            for (int i = 0; i < gate.length; i++) {
                gate[i] = silu(gate[i]) * up[i];
            }
            w2.apply(gate, y);
            MemorySegment.copy(y, 0, results, ValueLayout.JAVA_FLOAT, (long) row * y.length * Float.BYTES, y.length);
        }
    }

    private static float silu(final float z) {
        return (float) (z / (1 + StrictMath.exp(-z)));
    }

    @Override
    public void close() {}
}
