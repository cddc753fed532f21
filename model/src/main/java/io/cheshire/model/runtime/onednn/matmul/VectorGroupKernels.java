package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.simd.GroupScales;
import io.cheshire.model.runtime.onednn.simd.Int4Kernels;
import io.cheshire.model.runtime.onednn.simd.Int8Kernels;
import io.cheshire.model.runtime.onednn.simd.Int8RowKernels;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import io.cheshire.model.runtime.onednn.simd.QuantisedRows;

/** With the Vector API. */
class VectorGroupKernels implements GroupKernels {
    @Override
    public float quantise(final long x, final int count, final int[] q, final int at) {
        return QuantisedRows.quantise(x, count, q, at);
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
        switch (order) {
            case FOURS -> Int8Kernels.sums(group, x, at, rows, inputs, sums);
            case ROWS -> Int8RowKernels.sums(group, x, at, rows, inputs, sums);
        }
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
        Int4Kernels.sums(group, x, at, rows, inputs, offsetsAt, sums);
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
        GroupScales.add(sums, rows, sx, sxAt, sxStride, scales, totals);
    }
}
