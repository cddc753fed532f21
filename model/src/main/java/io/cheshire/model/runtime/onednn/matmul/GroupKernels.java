package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.simd.GroupScales;
import io.cheshire.model.runtime.onednn.simd.Int4Kernels;
import io.cheshire.model.runtime.onednn.simd.Int8Kernels;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import io.cheshire.model.runtime.onednn.simd.QuantisedRows;

/**
 * What our own code does with one group of inputs (docs/model.md §7.1): with vectors, or without. Both give the same
 * bits. Any thread; arrays belong to the caller.
 */
interface GroupKernels {
    /** Rounds a group of a row: see {@link QuantisedRows#quantise}. */
    float quantise(long x, int count, int[] q, int at);

    /** Sums over weights in eight bits: see {@link Int8Kernels#sums}. */
    void sumsOfBytes(QuantisedLayout.Order order, long group, float[] x, int at, int rows, int inputs, float[] sums);

    /** Sums over weights in four bits: see {@link Int4Kernels#sums}. */
    void sumsOfHalves(long group, Int4Kernels.Input x, int at, int rows, int inputs, int offsetsAt, float[] sums);

    /** Applies scales, and adds the group to those before it: see {@link GroupScales#add}. */
    void add(float[] sums, int rows, float[] sx, int sxAt, int sxStride, long scales, float[] totals);
}
