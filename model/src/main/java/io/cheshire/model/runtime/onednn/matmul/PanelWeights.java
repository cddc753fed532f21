package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.simd.PanelKernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * bf16 weights in the panels of {@link PanelKernels}, two bytes a weight on any processor.
 *
 * <p>Outputs are padded to whole panels, so by less than {@link PanelKernels#PANEL} of them, and to one group where
 * there are fewer. The last group ends with the last panel: where the panels don't fill it, it begins among those of
 * the group before it and computes them again, which costs no more than the padding would.
 */
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

    /** The biases of parts above each other, zero where a part has none; null if none has any. */
    static float @Nullable [] bias(final int n, final List<TensorView> parts, final List<@Nullable TensorView> biases) {
        if (biases.stream().allMatch(java.util.Objects::isNull)) {
            return null;
        }
        final float[] all = new float[n];
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

    /** Panels of {@code n} outputs. */
    static int panelCount(final int n) {
        return Math.max(PanelKernels.GROUP_PANELS, Math.ceilDiv(n, PanelKernels.PANEL));
    }

    static int groups(final int n) {
        return Math.ceilDiv(n, PanelKernels.GROUP);
    }

    /** The first panel that a group computes; the last group's may be one that the group before it computes too. */
    int firstPanel(final int group) {
        return Math.min(group * PanelKernels.GROUP_PANELS, panelCount(n) - PanelKernels.GROUP_PANELS);
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
        return panels.address() + firstPanel(group) * panelBytes();
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
