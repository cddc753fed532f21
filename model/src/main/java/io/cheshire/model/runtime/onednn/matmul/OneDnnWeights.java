package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Weights in oneDNN's blocked layout. */
final class OneDnnWeights implements PackedWeights {
    private final MatmulPlan plan;
    private final NativeBuffer weights;
    private final @Nullable NativeBuffer bias;
    private final long weightsMemory;
    private final long biasMemory;
    private boolean closed;

    /**
     * Room for them, nothing in it.
     *
     * @param layout of the weights
     */
    OneDnnWeights(final MatmulPlan plan, final long layout) {
        final MatmulShape shape = plan.shape();
        final long engine = plan.context().engine();
        this.plan = plan;
        weights = NativeBuffer.allocate(Dnnl.bytesOf(layout));
        NativeBuffer ofBias = null;
        long described = 0;
        try {
            ofBias = shape.bias() ? NativeBuffer.allocate((long) shape.n() * Float.BYTES) : null;
            bias = ofBias;
            described = Dnnl.createMemory(layout, engine, weights.address());
            weightsMemory = described;
            biasMemory = ofBias == null ? 0 : biasMemory(engine, shape.n(), ofBias);
        } catch (final RuntimeException | Error failure) {
            if (described != 0) {
                Dnnl.destroyMemory(described);
            }
            if (ofBias != null) {
                ofBias.close();
            }
            weights.close();
            throw failure;
        }
    }

    private static long biasMemory(final long engine, final int n, final NativeBuffer bias) {
        final long description = Dnnl.createMatrix(1, n, Dnnl.F32, Dnnl.LAYOUT_ROWS);
        try {
            return Dnnl.createMemory(description, engine, bias.address());
        } finally {
            Dnnl.destroyDescription(description);
        }
    }

    @Override
    public void multiply(final long src, final int rows, final long dst, final boolean padded) {
        plan.run(this, src, rows, dst, padded);
    }

    @Override
    public long bytes() {
        return weights.bytes() + (bias == null ? 0 : bias.bytes());
    }

    long address() {
        return weights.address();
    }

    MemorySegment segment() {
        return weights.segment();
    }

    /** Zero where the shape has none. */
    long biasAddress() {
        return bias == null ? 0 : bias.address();
    }

    /** Empty where the shape has none. */
    MemorySegment bias() {
        return bias == null ? MemorySegment.NULL : bias.segment();
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
