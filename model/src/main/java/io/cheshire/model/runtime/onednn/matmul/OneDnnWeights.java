package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import org.jspecify.annotations.Nullable;

/** Weights in oneDNN's blocked layout. */
final class OneDnnWeights implements PackedWeights {
    private final MatmulPlan plan;
    private final NativeBuffer weights;
    private final @Nullable NativeBuffer bias;
    private final long weightsMemory;
    private final long biasMemory;
    private boolean closed;

    OneDnnWeights(
            final MatmulPlan plan,
            final NativeBuffer weights,
            final long weightsMemory,
            final @Nullable NativeBuffer bias,
            final long biasMemory) {
        this.plan = plan;
        this.weights = weights;
        this.weightsMemory = weightsMemory;
        this.bias = bias;
        this.biasMemory = biasMemory;
    }

    @Override
    public void multiply(final long src, final int rows, final long dst, final boolean padded) {
        plan.run(this, src, rows, dst, padded);
    }

    @Override
    public long bytes() {
        return weights.bytes() + (bias == null ? 0 : bias.bytes());
    }

    long weightsMemory() {
        return weightsMemory;
    }

    long biasMemory() {
        return biasMemory;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Dnnl.destroyMemory(weightsMemory);
        weights.close();
        if (bias != null) {
            Dnnl.destroyMemory(biasMemory);
            bias.close();
        }
    }
}
