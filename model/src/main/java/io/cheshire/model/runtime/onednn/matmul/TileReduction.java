package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.simd.GroupScales;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import java.util.Arrays;

/**
 * Makes results of the exact sums that oneDNN leaves for a tile of rows. Each thread has a panel's scales of its own.
 */
final class TileReduction {
    private final GroupScales.Widened[] panels;
    private int groups;
    private QuantisedInput.Form form = QuantisedInput.Form.ROWS;

    TileReduction(final int threads) {
        panels = new GroupScales.Widened[threads];
        Arrays.setAll(panels, i -> new GroupScales.Widened(0));
    }

    /** @param of the call that begins; {@code rows} are in the form that its sums come from */
    void prepare(final QuantisedLayout of, final QuantisedInput.Form rows) {
        groups = of.groups();
        form = rows;
        final int size = groups * QuantisedLayout.PANEL;
        if (panels[0].count() < size) {
            Arrays.setAll(panels, i -> new GroupScales.Widened(size));
        }
    }

    /** Takes up a panel: addresses of its scales, and of the sums of its weights. */
    void expand(final int worker, final long scales, final long sums) {
        GroupScales.expand(scales, sums, groups * QuantisedLayout.PANEL, panels[worker]);
    }

    /**
     * One row of the panel.
     *
     * @param exact  address of {@code [groups][tile][PANEL]} ints or floats
     * @param row    of the tile
     * @param sx     scales of rows, this one's from {@code sxAt}
     * @param totals gets {@code PANEL} results
     */
    void reduce(
            final int worker,
            final long exact,
            final int tile,
            final int row,
            final float[] sx,
            final int sxAt,
            final float[] totals) {
        final long rowBytes = (long) QuantisedLayout.PANEL * Integer.BYTES;
        final long from = exact + row * rowBytes;
        if (form == QuantisedInput.Form.UNSIGNED) {
            GroupScales.reduce(from, tile * rowBytes, groups, panels[worker], sx, sxAt, totals);
        } else {
            GroupScales.reduceFloats(from, tile * rowBytes, groups, panels[worker], sx, sxAt, totals);
        }
    }
}
