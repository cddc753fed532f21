package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Weights in oneDNN's blocked layout, with their bias. Owns its memory; closed by the kernel that asked for it. Device
 * thread only.
 */
public final class PackedWeights implements AutoCloseable {
    private final MatmulPlan plan;
    private final NativeBuffer weights;
    private final @Nullable NativeBuffer bias;
    private final long weightsMemory;
    private final long biasMemory;
    private boolean closed;

    PackedWeights(
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

    /** See {@link MatmulPlan#run}. */
    public void multiply(final long src, final int rows, final long dst, final boolean padded) {
        plan.run(this, src, rows, dst, padded);
    }

    /** Bytes held. */
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
