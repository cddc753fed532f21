package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.simd.Int4Kernels;
import io.cheshire.model.runtime.onednn.simd.PlainGroups;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;

/** Without vectors: slow, and right wherever Java is. */
final class PlainGroupKernels implements GroupKernels {
    @Override
    public float quantise(final long x, final int count, final int[] q, final int at) {
        return PlainGroups.quantise(x, count, q, at);
    }

    @Override
    public void sumsOfBytes(
            final QuantisedLayout.Order order,
            final long group,
            final float[] x,
            final int at,
            final int rows,
            final int inputs,
            final float[] sums) {
        PlainGroups.sumsOfBytes(order, group, x, at, rows, inputs, sums);
    }

    @Override
    public void sumsOfHalves(
            final long group,
            final Int4Kernels.Input x,
            final int at,
            final int rows,
            final int inputs,
            final int offsetsAt,
            final float[] sums) {
        PlainGroups.sumsOfHalves(group, x.x(), at, rows, inputs, sums);
    }

    @Override
    public void add(
            final float[] sums,
            final int rows,
            final float[] sx,
            final int sxAt,
            final int sxStride,
            final long scales,
            final float[] totals) {
        PlainGroups.add(sums, rows, sx, sxAt, sxStride, scales, totals);
    }
}
