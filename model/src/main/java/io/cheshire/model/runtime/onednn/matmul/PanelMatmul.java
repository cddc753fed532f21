package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.PanelKernels;
import io.cheshire.model.runtime.onednn.simd.PanelRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matmuls of bf16 rows with bf16 weights on processors without bf16 units: weights stay two bytes in memory and become floats in
 * registers, since few rows cost what reading the weights costs. Threads share a matmul by groups of outputs.
 *
 * <p>Device thread only; owns scratch of {@code rows * k} floats.
 */
final class PanelMatmul {
    /** Rows whose sums are kept at a time, so that they and a stretch of inputs stay in a core's second-level cache. */
    private static final int BLOCK_ROWS = 64;
    /** Inputs of one stretch: a group's weights for it stay in the first-level cache while the rows pass. */
    private static final int BLOCK_INPUTS = 256;
    /** Weights below which waking the team costs more than it saves. */
    private static final int WEIGHTS_PER_PART = 65_536;

    private static final int ELEMENTS_PER_PART = 32_768;

    private final OpenMpTeam team;
    private final OpenMpTeam.RangeTask widenRows = this::widenRows;
    private final OpenMpTeam.RangeTask multiplyGroups = this::multiplyGroups;
    private final float[][] sums;
    private float[] inputs = new float[0];

    // The call in progress; read by all threads of the team, which starts and ends within the call.
    private @Nullable PanelWeights weights;
    private long src;
    private int rowCount;
    private long dst;

    PanelMatmul(final OpenMpTeam team) {
        this.team = team;
        this.sums = new float[team.threads()][BLOCK_ROWS * PanelKernels.GROUP];
    }

    /** See {@link MatmulContext#pack}. */
    PanelWeights pack(final int k, final int n, final List<TensorView> parts, final List<@Nullable TensorView> biases) {
        final int panelCount = PanelWeights.groups(n) * PanelKernels.GROUP_PANELS;
        final long panelBytes = k * PanelKernels.STEP_BYTES;
        final NativeBuffer panels = NativeBuffer.allocate(Math.multiplyExact(panelBytes, (long) panelCount));
        final List<NativeBuffer> converted = new ArrayList<>();
        try {
            final long[] rows = rowAddresses(k, panelCount * PanelKernels.PANEL, parts, converted);
            final int perPart = Math.max(1, WEIGHTS_PER_PART / (k * PanelKernels.PANEL));
            team.run(panelCount, perPart, (worker, begin, end) -> {
                for (int panel = begin; panel < end; panel++) {
                    PanelRows.pack(rows, panel * PanelKernels.PANEL, k, panels.address() + panel * panelBytes);
                }
            });
        } finally {
            converted.forEach(NativeBuffer::close);
        }
        return new PanelWeights(this, k, n, panels, PanelWeights.bias(n, parts, biases));
    }

    /** Where each output's weights are in bf16; zero past the last. */
    private static long[] rowAddresses(
            final int k, final int rowCount, final List<TensorView> parts, final List<NativeBuffer> converted) {
        final long[] rows = new long[rowCount];
        int at = 0;
        for (final TensorView part : parts) {
            final int count = Math.toIntExact(part.shape().getFirst());
            long address = part.data().address();
            if (part.dtype() != Dtype.BF16) {
                final NativeBuffer bf16 = TensorCopy.load(part, Dtype.BF16, count, k);
                converted.add(bf16);
                address = bf16.address();
            }
            for (int i = 0; i < count; i++) {
                rows[at++] = address + (long) i * k * Short.BYTES;
            }
        }
        return rows;
    }

    /** {@code dst[rows, n] = src[rows, k] * W + bias}, {@code src} in bf16. */
    void run(final PanelWeights packed, final long from, final int rows, final long to) {
        final int k = packed.k();
        if (inputs.length < rows * k) {
            inputs = new float[Math.multiplyExact(rows, k)];
        }
        weights = packed;
        src = from;
        rowCount = rows;
        dst = to;
        team.run(rows, Math.max(1, ELEMENTS_PER_PART / k), widenRows);
        final int perPart = Math.max(1, WEIGHTS_PER_PART / (k * PanelKernels.GROUP));
        team.run(PanelWeights.groups(packed.n()), perPart, multiplyGroups);
    }

    private void widenRows(final int worker, final int begin, final int end) {
        final int k = current().k();
        for (int row = begin; row < end; row++) {
            PanelRows.widen(src + (long) row * k * Short.BYTES, inputs, row * k, k);
        }
    }

    private void multiplyGroups(final int worker, final int begin, final int end) {
        final PanelWeights packed = current();
        for (int group = begin; group < end; group++) {
            for (int row = 0; row < rowCount; row += BLOCK_ROWS) {
                final int count = Math.min(BLOCK_ROWS, rowCount - row);
                sum(packed, group, row, count, sums[worker]);
                write(packed, group, row, count, sums[worker]);
            }
        }
    }

    private void sum(
            final PanelWeights packed, final int group, final int firstRow, final int rows, final float[] into) {
        final int k = packed.k();
        // Few rows pass once over all weights; more would find neither weights nor rows in the cache again.
        final int stretch = rows <= PanelKernels.MOST_ROWS ? k : BLOCK_INPUTS;
        Arrays.fill(into, 0, rows * PanelKernels.GROUP, 0f);
        for (int from = 0; from < k; from += stretch) {
            final int count = Math.min(stretch, k - from);
            final long address = packed.group(group) + from * PanelKernels.STEP_BYTES;
            for (int row = 0; row < rows; row += PanelKernels.MOST_ROWS) {
                PanelKernels.add(
                        address,
                        packed.panelBytes(),
                        inputs,
                        (firstRow + row) * k + from,
                        k,
                        Math.min(PanelKernels.MOST_ROWS, rows - row),
                        count,
                        into,
                        row * PanelKernels.GROUP);
            }
        }
    }

    private void write(
            final PanelWeights packed, final int group, final int firstRow, final int rows, final float[] from) {
        final int first = group * PanelKernels.GROUP;
        final int outputs = Math.min(PanelKernels.GROUP, packed.n() - first);
        for (int row = 0; row < rows; row++) {
            final long to = dst + ((long) (firstRow + row) * packed.n() + first) * Float.BYTES;
            PanelRows.write(from, row * PanelKernels.GROUP, packed.bias(), first, to, outputs);
        }
    }

    private PanelWeights current() {
        final PanelWeights packed = weights;
        if (packed == null) {
            throw new IllegalStateException("no matmul is running");
        }
        return packed;
    }
}
