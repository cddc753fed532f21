package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Quantised matmuls by our kernels in Java: a panel of outputs after the other, rows by ones, twos and fours, group by
 * group. Device thread only.
 */
final class OwnPanels {
    /** Most rows that our kernels take at a time. */
    static final int MOST_ROWS = 4;

    private final OpenMpTeam team;
    private final OpenMpTeam.RangeTask panels = this::panels;
    private final float[][] sums;
    private final float[][] totals;
    private GroupKernels kernels;

    // The call in progress; read by all threads of the team, which starts and ends within the call.
    private @Nullable QuantisedWeights weights;
    private QuantisedInput input;
    private int rowCount;
    private int tileRows;
    private long dst;

    @SuppressWarnings("NullAway.Init") // input is set at the start of every call
    OwnPanels(final OpenMpTeam team, final GroupKernels kernels) {
        this.team = team;
        this.kernels = kernels;
        this.sums = new float[team.threads()][MOST_ROWS * QuantisedLayout.PANEL];
        this.totals = new float[team.threads()][MOST_ROWS * QuantisedLayout.PANEL];
    }

    /** Computes with these from now on. */
    void use(final GroupKernels others) {
        kernels = others;
    }

    /** {@code to[rows, n] = src[rows, k] * W + bias}, by way of {@code scratch}. */
    void run(
            final QuantisedWeights packed,
            final QuantisedInput scratch,
            final long src,
            final int rows,
            final long to,
            final int panelsPerPart) {
        final QuantisedLayout layout = packed.layout();
        weights = packed;
        input = scratch;
        rowCount = rows;
        dst = to;
        final boolean bytes = layout.how().bits() == Byte.SIZE;
        tileRows = rows == 1 ? 1 : rows == 2 || !bytes ? 2 : MOST_ROWS;
        final QuantisedInput.Form form = bytes ? QuantisedInput.Form.FLOATS : QuantisedInput.Form.SHORTS;
        scratch.fill(layout, packed.input(), src, rows, form, tileRows);
        team.run(layout.panels(), panelsPerPart, panels);
    }

    private void panels(final int worker, final int begin, final int end) {
        final QuantisedWeights packed = weights;
        if (packed == null) {
            throw new IllegalStateException("no matmul is running");
        }
        final float[] total = totals[worker];
        for (int panel = begin; panel < end; panel++) {
            for (int row = 0; row < rowCount; row += tileRows) {
                tile(packed, panel, row, sums[worker], total);
                for (int i = 0; i < Math.min(tileRows, rowCount - row); i++) {
                    packed.write(panel, total, i * QuantisedLayout.PANEL, row + i, dst);
                }
            }
        }
    }

    private void tile(
            final QuantisedWeights packed, final int panel, final int row, final float[] sum, final float[] total) {
        final QuantisedLayout layout = packed.layout();
        final int group = layout.how().group();
        final int groups = layout.groups();
        final boolean bytes = layout.how().bits() == Byte.SIZE;
        final int rows = Math.min(tileRows, rowCount - row);
        Arrays.fill(total, 0, tileRows * QuantisedLayout.PANEL, 0f);
        for (int g = 0; g < groups; g++) {
            final long address = packed.panel(panel) + g * layout.groupBytes();
            final int at = row * layout.paddedInputs() + g * group * tileRows;
            final long scales = packed.scales(panel) + (long) g * QuantisedLayout.PANEL * Short.BYTES;
            if (bytes) {
                kernels.sumsOfBytes(layout.order(), address, input.floats, at, tileRows, group, sum);
            } else {
                final int offsetsAt = row * groups + g * tileRows;
                kernels.sumsOfHalves(address, input.shorts, at, tileRows, group, offsetsAt, sum);
            }
            kernels.add(sum, rows, input.scales, row * groups + g, groups, scales, total);
        }
    }
}
