package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.simd.PanelKernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** bf16 weights in the panels of {@link PanelKernels}, two bytes a weight on any processor. */
final class PanelWeights implements PackedWeights {
    private final PanelMatmul matmul;
    private final int k;
    private final int n;
    private final NativeBuffer panels;
    private final float @Nullable [] bias;
    private boolean closed;

    PanelWeights(
            final PanelMatmul matmul,
            final int k,
            final int n,
            final NativeBuffer panels,
            final float @Nullable [] bias) {
        this.matmul = matmul;
        this.k = k;
        this.n = n;
        this.panels = panels;
        this.bias = bias;
    }

    /** The biases of parts above each other, zero where a part has none, padded to whole groups; null if none has any. */
    static float @Nullable [] bias(final int n, final List<TensorView> parts, final List<@Nullable TensorView> biases) {
        if (biases.stream().allMatch(java.util.Objects::isNull)) {
            return null;
        }
        final float[] all = new float[groups(n) * PanelKernels.GROUP];
        int at = 0;
        for (int i = 0; i < parts.size(); i++) {
            final int count = Math.toIntExact(parts.get(i).shape().getFirst());
            final TensorView view = biases.get(i);
            if (view != null) {
                try (NativeBuffer floats = TensorCopy.load(view, Dtype.F32, count)) {
                    java.lang.foreign.MemorySegment.copy(
                            floats.segment(), java.lang.foreign.ValueLayout.JAVA_FLOAT, 0, all, at, count);
                }
            }
            at += count;
        }
        return all;
    }

    static int groups(final int n) {
        return Math.ceilDiv(n, PanelKernels.GROUP);
    }

    @Override
    public void multiply(final long src, final int rows, final long dst, final boolean padded) {
        matmul.run(this, src, rows, dst);
    }

    int k() {
        return k;
    }

    int n() {
        return n;
    }

    float @Nullable [] bias() {
        return bias;
    }

    /** Address of a group's first panel. */
    long group(final int group) {
        return panels.address() + (long) group * PanelKernels.GROUP_PANELS * panelBytes();
    }

    long panelBytes() {
        return k * PanelKernels.STEP_BYTES;
    }

    @Override
    public long bytes() {
        return panels.bytes() + (bias == null ? 0 : (long) bias.length * Float.BYTES);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            panels.close();
        }
    }
}
