package io.cheshire.model.runtime.onednn.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Operations on one row of {@code n} floats at a raw address. A row's result depends on that row alone, and its bits
 * not on the width of the processor's vectors: elements don't meet but in {@link #sum} and its like. Buffers need no
 * padding: the last vector is masked. Only that one, and in methods that stay small: masks in a loop, or too much in
 * one method, end the compiler's inlining, and then every vector is an object on the heap.
 */
public final class Rows {
    private static final long FOLD_BYTES = (long) Lanes.FOLD * Float.BYTES;
    private static final int STRIDE = 4 * Lanes.FOLD;

    private Rows() {}

    /** {@code x += delta}. */
    public static void add(final long x, final long delta, final int n) {
        final int whole = Lanes.FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            final long offset = (long) i * Float.BYTES;
            Lanes.store(x + offset, Lanes.load(x + offset).add(Lanes.load(delta + offset)));
        }
        if (whole < n) {
            final VectorMask<Float> tail = Lanes.below(whole, n);
            final long offset = (long) whole * Float.BYTES;
            Lanes.store(x + offset, Lanes.load(x + offset, tail).add(Lanes.load(delta + offset, tail)), tail);
        }
    }

    /**
     * {@code x += w[0]*y[0] + w[1]*y[1] + ...}: the products are added first, in the gate's order, the residual last
     * (docs/model.md §3). No fused multiply-add: each product is rounded.
     *
     * @param y {@code [choices, n]} fp32
     */
    public static void combine(
            final long x, final long y, final float[] weights, final int firstWeight, final int choices, final int n) {
        final long rowBytes = (long) n * Float.BYTES;
        final int whole = Lanes.FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            final long offset = (long) i * Float.BYTES;
            FloatVector total = Lanes.load(y + offset).mul(weights[firstWeight]);
            for (int choice = 1; choice < choices; choice++) {
                total = total.add(Lanes.load(y + choice * rowBytes + offset).mul(weights[firstWeight + choice]));
            }
            Lanes.store(x + offset, Lanes.load(x + offset).add(total));
        }
        if (whole < n) {
            combineTail(x, y, weights, firstWeight, choices, whole, n);
        }
    }

    private static void combineTail(
            final long x,
            final long y,
            final float[] weights,
            final int firstWeight,
            final int choices,
            final int whole,
            final int n) {
        final VectorMask<Float> tail = Lanes.below(whole, n);
        final long rowBytes = (long) n * Float.BYTES;
        final long offset = (long) whole * Float.BYTES;
        FloatVector total = Lanes.load(y + offset, tail).mul(weights[firstWeight]);
        for (int choice = 1; choice < choices; choice++) {
            total = total.add(Lanes.load(y + choice * rowBytes + offset, tail).mul(weights[firstWeight + choice]));
        }
        Lanes.store(x + offset, Lanes.load(x + offset, tail).add(total), tail);
    }

    /**
     * LayerNorm with biased variance (docs/model.md §3):
     * {@code out = (x - mean) / sqrt(var + epsilon) * weight + bias}.
     */
    public static void layerNorm(
            final long x, final long weight, final long bias, final float epsilon, final long out, final int n) {
        final float mean = sum(x, n) / n;
        final float variance = squaresAround(x, mean, n) / n;
        final float scale = (float) (1.0 / Math.sqrt(variance + epsilon));
        normalise(x, weight, bias, mean, scale, out, n);
    }

    private static void normalise(
            final long x,
            final long weight,
            final long bias,
            final float mean,
            final float scale,
            final long out,
            final int n) {
        final int whole = Lanes.FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            final long offset = (long) i * Float.BYTES;
            final FloatVector normed = Lanes.load(x + offset).sub(mean).mul(scale);
            Lanes.store(out + offset, normed.mul(Lanes.load(weight + offset)).add(Lanes.load(bias + offset)));
        }
        if (whole < n) {
            final VectorMask<Float> tail = Lanes.below(whole, n);
            final long offset = (long) whole * Float.BYTES;
            final FloatVector normed = Lanes.load(x + offset, tail).sub(mean).mul(scale);
            Lanes.store(
                    out + offset,
                    normed.mul(Lanes.load(weight + offset, tail)).add(Lanes.load(bias + offset, tail)),
                    tail);
        }
    }

    /** {@code to = from}. */
    public static void copy(final long from, final long to, final int n) {
        final int whole = Lanes.FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            Lanes.store(to + (long) i * Float.BYTES, Lanes.load(from + (long) i * Float.BYTES));
        }
        for (int i = whole; i < n; i++) {
            Lanes.set(to + (long) i * Float.BYTES, Lanes.get(from + (long) i * Float.BYTES));
        }
    }

    /** fp32 to bf16, rounded to nearest even. */
    public static void toBf16(final long from, final long to, final int n) {
        final int whole = Lanes.FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            Lanes.storeBf16(to + (long) i * Short.BYTES, Lanes.load(from + (long) i * Float.BYTES));
        }
        for (int i = whole; i < n; i++) {
            Lanes.setBf16(to + (long) i * Short.BYTES, Lanes.get(from + (long) i * Float.BYTES));
        }
    }

    /** bf16 to fp32, exact. */
    public static void fromBf16(final long from, final long to, final int n) {
        final int whole = Lanes.FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            Lanes.store(to + (long) i * Float.BYTES, Lanes.loadBf16(from + (long) i * Short.BYTES));
        }
        for (int i = whole; i < n; i++) {
            Lanes.set(to + (long) i * Float.BYTES, Lanes.getBf16(from + (long) i * Short.BYTES));
        }
    }

    /**
     * SwiGLU (docs/model.md §3): {@code out = silu(gate) * up}, {@code silu(z) = z / (1 + exp(-z))}.
     *
     * @param out {@code n} values, bf16 or fp32
     */
    public static void swiGlu(final long gate, final long up, final long out, final boolean bf16, final int n) {
        final int whole = Lanes.FLOATS.loopBound(n);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            final long offset = (long) i * Float.BYTES;
            final FloatVector value = swiGlu(Lanes.load(gate + offset), Lanes.load(up + offset));
            if (bf16) {
                Lanes.storeBf16(out + (long) i * Short.BYTES, value);
            } else {
                Lanes.store(out + offset, value);
            }
        }
        if (whole < n) {
            final VectorMask<Float> tail = Lanes.below(whole, n);
            final long offset = (long) whole * Float.BYTES;
            final FloatVector value = swiGlu(Lanes.load(gate + offset, tail), Lanes.load(up + offset, tail));
            if (bf16) {
                Lanes.storeBf16(out + (long) whole * Short.BYTES, value, tail);
            } else {
                Lanes.store(out + offset, value, tail);
            }
        }
    }

    private static FloatVector swiGlu(final FloatVector gate, final FloatVector up) {
        return gate.div(Exponential.exp(gate.neg()).add(1f)).mul(up);
    }

    /**
     * The sum of a row, in one order on every processor: element {@code i} goes to the {@code i mod 16}-th of 16
     * sums (four of each, which whole blocks of 64 elements take in turn), and these are folded in halves. Narrower
     * vectors pass over the row once for each of their shares of the 16.
     */
    public static float sum(final long x, final int n) {
        if (Lanes.COUNT == Lanes.FOLD) {
            return Lanes.fold(sums(x, 0, n));
        }
        if (Lanes.COUNT == Lanes.FOLD / 2) {
            return Lanes.fold(sums(x, 0, n).add(sums(x, Lanes.COUNT, n)));
        }
        final FloatVector even = sums(x, 0, n).add(sums(x, 2 * Lanes.COUNT, n));
        return Lanes.fold(even.add(sums(x, Lanes.COUNT, n).add(sums(x, 3 * Lanes.COUNT, n))));
    }

    /** A vector's share of the 16 sums, those from {@code share} on. */
    private static FloatVector sums(final long x, final int share, final int n) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = share;
        for (; i - share + STRIDE <= n; i += STRIDE) {
            final long at = x + (long) i * Float.BYTES;
            a = a.add(Lanes.load(at));
            b = b.add(Lanes.load(at + FOLD_BYTES));
            c = c.add(Lanes.load(at + 2 * FOLD_BYTES));
            d = d.add(Lanes.load(at + 3 * FOLD_BYTES));
        }
        for (; i + Lanes.COUNT <= n; i += Lanes.FOLD) {
            a = a.add(Lanes.load(x + (long) i * Float.BYTES));
        }
        if (i < n) {
            a = a.add(Lanes.load(x + (long) i * Float.BYTES, Lanes.below(i, n)));
        }
        return a.add(b).add(c.add(d));
    }

    /** The sum of {@code (x[i] - mean)^2}, in the order of {@link #sum}. */
    private static float squaresAround(final long x, final float mean, final int n) {
        if (Lanes.COUNT == Lanes.FOLD) {
            return Lanes.fold(squares(x, mean, 0, n));
        }
        if (Lanes.COUNT == Lanes.FOLD / 2) {
            return Lanes.fold(squares(x, mean, 0, n).add(squares(x, mean, Lanes.COUNT, n)));
        }
        final FloatVector even = squares(x, mean, 0, n).add(squares(x, mean, 2 * Lanes.COUNT, n));
        return Lanes.fold(even.add(squares(x, mean, Lanes.COUNT, n).add(squares(x, mean, 3 * Lanes.COUNT, n))));
    }

    private static FloatVector squares(final long x, final float mean, final int share, final int n) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = share;
        for (; i - share + STRIDE <= n; i += STRIDE) {
            final long at = x + (long) i * Float.BYTES;
            a = square(a, Lanes.load(at).sub(mean));
            b = square(b, Lanes.load(at + FOLD_BYTES).sub(mean));
            c = square(c, Lanes.load(at + 2 * FOLD_BYTES).sub(mean));
            d = square(d, Lanes.load(at + 3 * FOLD_BYTES).sub(mean));
        }
        for (; i + Lanes.COUNT <= n; i += Lanes.FOLD) {
            a = square(a, Lanes.load(x + (long) i * Float.BYTES).sub(mean));
        }
        if (i < n) {
            final VectorMask<Float> mask = Lanes.below(i, n);
            final FloatVector distance =
                    Lanes.load(x + (long) i * Float.BYTES, mask).sub(mean);
            a = square(a, FloatVector.zero(Lanes.FLOATS).blend(distance, mask));
        }
        return a.add(b).add(c.add(d));
    }

    private static FloatVector square(final FloatVector total, final FloatVector distance) {
        return distance.fma(distance, total);
    }
}
