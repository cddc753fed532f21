package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.NativeKernel;
import io.cheshire.model.runtime.onednn.simd.PanelRows;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import org.jspecify.annotations.Nullable;

/** Weights in integers, in the panels of {@link QuantisedLayout}. */
final class QuantisedWeights implements PackedWeights {
    private final QuantisedMatmul matmul;
    private final QuantisedLayout layout;
    private final Dtype input;
    private final @Nullable NativeKernel kernel;
    private final float @Nullable [] bias;
    private final NativeBuffer weights;
    private final NativeBuffer scales;
    private final NativeBuffer sums;
    private boolean closed;

    /**
     * Allocates room for the weights; what is there are zeros.
     *
     * @param kernel that multiplies them; null: other code
     */
    QuantisedWeights(
            final QuantisedMatmul matmul,
            final QuantisedLayout layout,
            final Dtype input,
            final float @Nullable [] bias,
            final @Nullable NativeKernel kernel) {
        this.matmul = matmul;
        this.layout = layout;
        this.input = input;
        this.bias = bias;
        this.kernel = kernel;
        weights = zeros(layout.panels() * layout.panelBytes());
        try {
            scales = zeros(layout.panels() * layout.panelScaleBytes());
        } catch (final RuntimeException | Error failure) {
            weights.close();
            throw failure;
        }
        try {
            sums = zeros(layout.panels() * layout.panelScaleBytes());
        } catch (final RuntimeException | Error failure) {
            weights.close();
            scales.close();
            throw failure;
        }
    }

    private static NativeBuffer zeros(final long bytes) {
        final NativeBuffer buffer = NativeBuffer.allocate(bytes);
        buffer.segment().fill((byte) 0);
        return buffer;
    }

    @Override
    public void multiply(final long src, final int rows, final long dst, final boolean padded) {
        matmul.run(this, src, rows, dst);
    }

    QuantisedLayout layout() {
        return layout;
    }

    /**
     * Writes a row's results of a panel, biases added.
     *
     * @param from {@code PANEL} results from {@code at}
     * @param dst  address of {@code [rows][outputs]} fp32
     */
    void write(final int panel, final float[] from, final int at, final int row, final long dst) {
        final int n = layout.outputs();
        final int first = panel * QuantisedLayout.PANEL;
        final int outputs = Math.min(QuantisedLayout.PANEL, n - first);
        PanelRows.write(from, at, bias, first, dst + ((long) row * n + first) * Float.BYTES, outputs);
    }

    /** Format of the rows. */
    Dtype input() {
        return input;
    }

    /** The native kernel that they were packed for. */
    @Nullable
    NativeKernel kernel() {
        return kernel;
    }

    float @Nullable [] bias() {
        return bias;
    }

    long panel(final int panel) {
        return weights.address() + panel * layout.panelBytes();
    }

    long scales(final int panel) {
        return scales.address() + panel * layout.panelScaleBytes();
    }

    long sums(final int panel) {
        return sums.address() + panel * layout.panelScaleBytes();
    }

    @Override
    public long bytes() {
        return weights.bytes() + scales.bytes() + sums.bytes() + (bias == null ? 0 : (long) bias.length * Float.BYTES);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            weights.close();
            scales.close();
            sums.close();
        }
    }
}
