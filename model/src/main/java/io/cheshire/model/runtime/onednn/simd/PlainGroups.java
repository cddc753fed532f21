package io.cheshire.model.runtime.onednn.simd;

import io.cheshire.model.core.kernel.RowGroups;

/**
 * What {@link QuantisedRows}, {@link Int8Kernels}, {@link Int4Kernels} and {@link GroupScales} compute, without
 * vectors: for checking, and where those fail their self-test. Any thread; arrays belong to the caller.
 */
public final class PlainGroups {
    private static final int PANEL = QuantisedLayout.PANEL;
    private static final int HALF_BITS = 4;
    private static final int HALF = 15;

    private PlainGroups() {}

    /** See {@link QuantisedRows#quantise}. */
    public static float quantise(final long x, final int count, final int[] q, final int at) {
        final float[] group = new float[count];
        for (int i = 0; i < count; i++) {
            group[i] = Lanes.get(x + (long) i * Float.BYTES);
        }
        final byte[] integers = new byte[count];
        final float[] scale = new float[1];
        RowGroups.quantise(group, 0, count, count, integers, scale);
        for (int i = 0; i < count; i++) {
            q[at + i] = integers[i];
        }
        return scale[0];
    }

    /** See {@link Int8Kernels#sums}. */
    public static void sumsOfBytes(
            final QuantisedLayout.Order order,
            final long group,
            final float[] x,
            final int at,
            final int rows,
            final int inputs,
            final float[] sums) {
        for (int row = 0; row < rows; row++) {
            for (int output = 0; output < PANEL; output++) {
                int sum = 0;
                for (int k = 0; k < inputs; k++) {
                    sum += Lanes.getByte(group + place(order, k, output)) * (int) x[at + k * rows + row];
                }
                sums[row * PANEL + output] = sum;
            }
        }
    }

    private static long place(final QuantisedLayout.Order order, final int input, final int output) {
        return switch (order) {
            case FOURS -> input / 4 * QuantisedLayout.STEP_BYTES + (long) output * Integer.BYTES + input % 4;
            case ROWS -> (long) input * PANEL + output;
        };
    }

    /** See {@link Int4Kernels#sums}; needs no offsets. */
    public static void sumsOfHalves(
            final long group, final short[] x, final int at, final int rows, final int inputs, final float[] sums) {
        for (int row = 0; row < rows; row++) {
            for (int output = 0; output < PANEL; output++) {
                final long place = group + Int4Kernels.place(output);
                int sum = 0;
                for (int k = 0; k < inputs; k++) {
                    final int both = Lanes.getByte(place + (long) (k / 2) * PANEL);
                    final int weight = ((both >> (k % 2 * HALF_BITS)) & HALF) - Int4Kernels.OFFSET;
                    sum += weight * x[at + k * rows + row];
                }
                sums[row * PANEL + output] = sum;
            }
        }
    }

    /** See {@link GroupScales#add}. */
    public static void add(
            final float[] sums,
            final int rows,
            final float[] sx,
            final int sxAt,
            final int sxStride,
            final long scales,
            final float[] totals) {
        for (int row = 0; row < rows; row++) {
            for (int output = 0; output < PANEL; output++) {
                final float scaled = sums[row * PANEL + output] * sx[sxAt + row * sxStride];
                totals[row * PANEL + output] += scaled * Lanes.getBf16(scales + (long) output * Short.BYTES);
            }
        }
    }
}
