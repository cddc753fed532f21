package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.core.kernel.StoredGroups;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.WeightGroups;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import io.cheshire.model.runtime.onednn.simd.QuantisedPanels;
import java.util.List;

/**
 * Quantises a matrix output by output from where it lies in the checkpoint into panels, so that no other copy of it is
 * ever in memory.
 */
final class QuantisedPacking {

    private final QuantisedWeights to;
    private final QuantisedLayout layout;
    private final List<TensorView> parts;
    private final float[][] rows;
    private final byte[][] integers;
    private final short[][] scales;

    private QuantisedPacking(final QuantisedWeights to, final List<TensorView> parts, final int threads) {
        this.to = to;
        this.layout = to.layout();
        this.parts = parts;
        this.rows = new float[threads][layout.inputs()];
        this.integers = new byte[threads][layout.paddedInputs()];
        this.scales = new short[threads][layout.groups()];
    }

    /** @param parts matrices above each other */
    static void pack(final QuantisedWeights to, final List<TensorView> parts, final OpenMpTeam team) {
        final QuantisedPacking packing = new QuantisedPacking(to, parts, team.threads());
        final int panelWeights = packing.layout.paddedInputs() * QuantisedLayout.PANEL;
        team.run(packing.layout.panels(), PanelParts.of(panelWeights), packing::packPanels);
    }

    private void packPanels(final int worker, final int begin, final int end) {
        for (int panel = begin; panel < end; panel++) {
            final int first = panel * QuantisedLayout.PANEL;
            final int count = Math.min(QuantisedLayout.PANEL, layout.outputs() - first);
            for (int output = 0; output < count; output++) {
                packOutput(worker, panel, output, first + output);
            }
        }
    }

    private void packOutput(final int worker, final int panel, final int output, final int ofAll) {
        int row = ofAll;
        int part = 0;
        while (row >= parts.get(part).shape().getFirst()) {
            row -= Math.toIntExact(parts.get(part).shape().getFirst());
            part++;
        }
        final byte[] q = integers[worker];
        read(parts.get(part), row, rows[worker], q, scales[worker]);
        QuantisedPanels.pack(layout, q, 0, output, to.panel(panel));
        QuantisedPanels.packScales(layout, q, scales[worker], output, to.scales(panel), to.sums(panel));
    }

    /** Integers as they are stored, or made of numbers. */
    private void read(
            final TensorView matrix, final int row, final float[] numbers, final byte[] q, final short[] scale) {
        final TensorView.Groups groups = matrix.groups();
        if (groups == null) {
            TensorCopy.readRow(matrix, row, numbers);
            WeightGroups.quantise(numbers, 0, layout.inputs(), layout.how(), q, scale);
            return;
        }
        if (!groups.how().equals(layout.how())) {
            throw matrix.quantised();
        }
        StoredGroups.readRow(matrix, row, layout.inputs(), q, 0);
        StoredGroups.readScales(groups.scales(), row, layout.groups(), scale, 0);
    }
}
