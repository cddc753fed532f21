package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.simd.GroupScales;
import io.cheshire.model.runtime.onednn.simd.Int4Kernels;
import io.cheshire.model.runtime.onednn.simd.Int8Kernels;
import io.cheshire.model.runtime.onednn.simd.PlainGroups;
import io.cheshire.model.runtime.onednn.simd.QuantisedRows;

/**
 * What our own code does with one group of inputs (docs/model.md §7.1): with vectors, or without. Both give the same
 * bits. Any thread; arrays belong to the caller.
 */
interface GroupKernels {
    /** With the Vector API. */
    GroupKernels VECTOR = new WithVectors();
    /** Without: slow, and right wherever Java is. */
    GroupKernels PLAIN = new WithoutVectors();

    /** Rounds a group of a row: see {@link QuantisedRows#quantise}. */
    float quantise(long x, int count, int[] q, int at);

    /** Sums over weights in eight bits: see {@link Int8Kernels#sums}. */
    void sumsOfBytes(long group, float[] x, int at, int rows, int inputs, float[] sums);

    /** Sums over weights in four bits: see {@link Int4Kernels#sums}. */
    void sumsOfHalves(long group, Int4Kernels.Input x, int at, int rows, int inputs, int offsetsAt, float[] sums);

    /** Applies scales, and adds the group to those before it: see {@link GroupScales#add}. */
    void add(float[] sums, int rows, float[] sx, int sxAt, int sxStride, long scales, float[] totals);

    /** The Vector API's. */
    class WithVectors implements GroupKernels {
        @Override
        public float quantise(final long x, final int count, final int[] q, final int at) {
            return QuantisedRows.quantise(x, count, q, at);
        }

        @Override
        public void sumsOfBytes(
                final long group, final float[] x, final int at, final int rows, final int inputs, final float[] sums) {
            Int8Kernels.sums(group, x, at, rows, inputs, sums);
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

    /** Plain Java's. */
    final class WithoutVectors implements GroupKernels {
        @Override
        public float quantise(final long x, final int count, final int[] q, final int at) {
            return PlainGroups.quantise(x, count, q, at);
        }

        @Override
        public void sumsOfBytes(
                final long group, final float[] x, final int at, final int rows, final int inputs, final float[] sums) {
            PlainGroups.sumsOfBytes(group, x, at, rows, inputs, sums);
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
}
