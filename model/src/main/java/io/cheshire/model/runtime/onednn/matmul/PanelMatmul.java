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
 * Matmuls of bf16 rows with bf16 weights on processors without bf16 units: weights stay two bytes in memory and become
 * floats in registers, since few rows cost what reading the weights costs. Threads share a matmul by groups of outputs.
 *
 * <p>Device thread only; owns scratch of {@code rows * k} floats.
 */
final class PanelMatmul {
    /** Rows whose sums are kept at a time, so that they and a stretch of inputs stay in a core's second-level cache. */
    private static final int BLOCK_ROWS = 64;
    /** Inputs of one stretch: a panel's weights for it take half of a first-level cache. */
    private static final int BLOCK_INPUTS = 512;

    private static final int ELEMENTS_PER_PART = 32_768;

    private final OpenMpTeam team;
    private final OpenMpTeam.RangeTask widenTiles = this::widenTiles;
    private final OpenMpTeam.RangeTask multiplyGroups = this::multiplyGroups;
    private final float[][] sums;
    /**
     * The call's rows as floats, {@code [stretch][tile][inputs of the stretch][rows of the tile]}: the rows of a tile
     * pass together, and what a pass over a stretch reads lies side by side. A tile has {@link PanelKernels#MOST_ROWS}
     * rows, the last one the rest.
     */
    private float[] inputs = new float[0];

    // The call in progress; read by all threads of the team, which starts and ends within the call.
    private @Nullable PanelWeights weights;
    private long src;
    private int rowCount;
    /** Inputs of each stretch but the last, which has the rest. */
    private int stretch;

    private long dst;

    PanelMatmul(final OpenMpTeam team) {
        this.team = team;
        this.sums = new float[team.threads()][BLOCK_ROWS * PanelKernels.GROUP];
    }

    /** See {@link MatmulContext#pack}. */
    PanelWeights pack(final int k, final int n, final List<TensorView> parts, final List<@Nullable TensorView> biases) {
        final int panelCount = PanelWeights.panelCount(n);
        final long panelBytes = k * PanelKernels.STEP_BYTES;
        final NativeBuffer panels = NativeBuffer.allocate(Math.multiplyExact(panelBytes, (long) panelCount));
        final List<NativeBuffer> converted = new ArrayList<>();
        try {
            final long[] rows = rowAddresses(k, panelCount * PanelKernels.PANEL, parts, converted);
            final int perPart = PanelParts.of(k * PanelKernels.PANEL);
            team.run(panelCount, perPart, (worker, begin, end) -> {
                for (int panel = begin; panel < end; panel++) {
                    PanelRows.pack(rows, panel * PanelKernels.PANEL, k, panels.address() + panel * panelBytes);
                }
            });
            return new PanelWeights(this, k, n, panels, PanelWeights.bias(n, parts, biases));
        } catch (final RuntimeException | Error failure) {
            panels.close();
            throw failure;
        } finally {
            converted.forEach(NativeBuffer::close);
        }
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
        // Few rows pass once over all weights; more would find neither weights nor rows in the cache again.
        stretch = rows <= PanelKernels.MOST_ROWS ? k : BLOCK_INPUTS;
        dst = to;
        team.run(
                Math.ceilDiv(rows, PanelKernels.MOST_ROWS),
                Math.max(1, ELEMENTS_PER_PART / (k * PanelKernels.MOST_ROWS)),
                widenTiles);
        final int perPart = PanelParts.of(k * PanelKernels.GROUP);
        team.run(PanelWeights.groups(packed.n()), perPart, multiplyGroups);
    }

    private void widenTiles(final int worker, final int begin, final int end) {
        for (int tile = begin; tile < end; tile++) {
            final int first = tile * PanelKernels.MOST_ROWS;
            final int rows = Math.min(PanelKernels.MOST_ROWS, rowCount - first);
            for (int row = 0; row < rows; row++) {
                widen(first, row, rows);
            }
        }
    }

    private void widen(final int tileFirst, final int row, final int tileRows) {
        final int k = current().k();
        final long from = src + (long) (tileFirst + row) * k * Short.BYTES;
        for (int input = 0; input < k; input += stretch) {
            final int count = Math.min(stretch, k - input);
            PanelRows.widen(
                    from + (long) input * Short.BYTES, inputs, at(input, count, tileFirst) + row, tileRows, count);
        }
    }

    /** Where a tile's inputs of a stretch begin. */
    private int at(final int input, final int count, final int tileFirst) {
        return input * rowCount + tileFirst * count;
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
        final int inTiles = rows - rows % PanelKernels.MOST_ROWS;
        Arrays.fill(into, 0, rows * PanelKernels.GROUP, 0f);
        for (int from = 0; from < k; from += stretch) {
            final int count = Math.min(stretch, k - from);
            final long address = packed.group(group) + from * PanelKernels.STEP_BYTES;
            // Panel by panel: its weights for the stretch stay in the first-level cache while all tiles pass.
            for (int panel = 0; panel < PanelKernels.GROUP_PANELS; panel++) {
                final long panelAddress = address + panel * packed.panelBytes();
                final int to = panel * PanelKernels.PANEL;
                for (int row = 0; row < inTiles; row += PanelKernels.MOST_ROWS) {
                    final int at = at(from, count, firstRow + row);
                    PanelKernels.fourRows(panelAddress, inputs, at, count, into, to + row * PanelKernels.GROUP);
                }
            }
            if (inTiles < rows) {
                final int at = at(from, count, firstRow + inTiles);
                final int to = inTiles * PanelKernels.GROUP;
                PanelKernels.fewRows(address, packed.panelBytes(), inputs, at, rows - inTiles, count, into, to);
            }
        }
    }

    private void write(
            final PanelWeights packed, final int group, final int firstRow, final int rows, final float[] from) {
        final int first = group * PanelKernels.GROUP;
        final int again = first - packed.firstPanel(group) * PanelKernels.PANEL;
        final int outputs = Math.min(PanelKernels.GROUP, packed.n() - first);
        for (int row = 0; row < rows; row++) {
            final long to = dst + ((long) (firstRow + row) * packed.n() + first) * Float.BYTES;
            PanelRows.write(from, row * PanelKernels.GROUP + again, packed.bias(), first, to, outputs);
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
