package io.cheshire.model.runtime.onednn.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The inner loops of attention, for {@link #QUERIES} queries that share a key head. Each score is one chain of fused
 * multiply-adds over the head's dimensions, each output element one chain over keys in ascending position; so the bits
 * do not depend on how keys are cut into blocks or queries into tiles.
 */
public final class AttentionTiles {
    /** Queries computed together. Callers pad their scratch to a multiple of this. */
    public static final int QUERIES = 4;

    private static final long VECTOR_BYTES = (long) Lanes.COUNT * Float.BYTES;

    private AttentionTiles() {}

    /**
     * Raw scores of all keys of a block.
     *
     * @param queries     {@link #QUERIES} vectors of {@code headDim} floats, dense
     * @param keys        {@code [headDim, keyStride]} fp32: keys transposed
     * @param keyStride   keys of a block, rounded up to whole vectors
     * @param scores      first query's place of the block's first key
     * @param scoreStride bytes from one query's scores to the next
     */
    public static void scores(
            final long queries,
            final int headDim,
            final long keys,
            final int keyStride,
            final long scores,
            final long scoreStride) {
        int lane = 0;
        for (; lane + 2 * Lanes.COUNT <= keyStride; lane += 2 * Lanes.COUNT) {
            final long offset = (long) lane * Float.BYTES;
            twoVectors(queries, headDim, keys + offset, keyStride, scores + offset, scoreStride);
        }
        if (lane < keyStride) {
            final long offset = (long) lane * Float.BYTES;
            oneVector(queries, headDim, keys + offset, keyStride, scores + offset, scoreStride);
        }
    }

    private static void twoVectors(
            final long queries,
            final int headDim,
            final long keys,
            final int keyStride,
            final long scores,
            final long scoreStride) {
        final long queryBytes = (long) headDim * Float.BYTES;
        final long rowBytes = (long) keyStride * Float.BYTES;
        FloatVector a0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector a1 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector d0 = a0;
        FloatVector d1 = a0;
        for (int i = 0; i < headDim; i++) {
            final long q = queries + (long) i * Float.BYTES;
            final FloatVector k0 = Lanes.load(keys + i * rowBytes);
            final FloatVector k1 = Lanes.load(keys + i * rowBytes + VECTOR_BYTES);
            final FloatVector qa = FloatVector.broadcast(Lanes.FLOATS, Lanes.get(q));
            a0 = k0.fma(qa, a0);
            a1 = k1.fma(qa, a1);
            final FloatVector qb = FloatVector.broadcast(Lanes.FLOATS, Lanes.get(q + queryBytes));
            b0 = k0.fma(qb, b0);
            b1 = k1.fma(qb, b1);
            final FloatVector qc = FloatVector.broadcast(Lanes.FLOATS, Lanes.get(q + 2 * queryBytes));
            c0 = k0.fma(qc, c0);
            c1 = k1.fma(qc, c1);
            final FloatVector qd = FloatVector.broadcast(Lanes.FLOATS, Lanes.get(q + 3 * queryBytes));
            d0 = k0.fma(qd, d0);
            d1 = k1.fma(qd, d1);
        }
        Lanes.store(scores, a0);
        Lanes.store(scores + VECTOR_BYTES, a1);
        Lanes.store(scores + scoreStride, b0);
        Lanes.store(scores + scoreStride + VECTOR_BYTES, b1);
        Lanes.store(scores + 2 * scoreStride, c0);
        Lanes.store(scores + 2 * scoreStride + VECTOR_BYTES, c1);
        Lanes.store(scores + 3 * scoreStride, d0);
        Lanes.store(scores + 3 * scoreStride + VECTOR_BYTES, d1);
    }

    private static void oneVector(
            final long queries,
            final int headDim,
            final long keys,
            final int keyStride,
            final long scores,
            final long scoreStride) {
        final long queryBytes = (long) headDim * Float.BYTES;
        final long rowBytes = (long) keyStride * Float.BYTES;
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < headDim; i++) {
            final long q = queries + (long) i * Float.BYTES;
            final FloatVector k = Lanes.load(keys + i * rowBytes);
            a = k.fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(q)), a);
            b = k.fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(q + queryBytes)), b);
            c = k.fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(q + 2 * queryBytes)), c);
            d = k.fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(q + 3 * queryBytes)), d);
        }
        Lanes.store(scores, a);
        Lanes.store(scores + scoreStride, b);
        Lanes.store(scores + 2 * scoreStride, c);
        Lanes.store(scores + 3 * scoreStride, d);
    }

    /**
     * Turns {@code count} raw scores into {@code exp(score * scale - max)} in place and returns their sum. The sum's
     * order depends on {@code count} alone.
     */
    public static float softmaxNumerators(final long scores, final int count, final float scale) {
        numerators(scores, count, scale, highest(scores, count) * scale);
        return Rows.sum(scores, count);
    }

    private static void numerators(final long scores, final int count, final float scale, final float max) {
        final int whole = Lanes.FLOATS.loopBound(count);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            final long at = scores + (long) i * Float.BYTES;
            Lanes.store(at, Exponential.exp(Lanes.load(at).mul(scale).sub(max)));
        }
        if (whole < count) {
            tailNumerators(scores + (long) whole * Float.BYTES, count - whole, scale, max);
        }
    }

    /** The largest of {@code count} scores; a maximum is the same in any order. */
    private static float highest(final long scores, final int count) {
        FloatVector highest = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
        final int whole = Lanes.FLOATS.loopBound(count);
        for (int i = 0; i < whole; i += Lanes.COUNT) {
            highest = highest.max(Lanes.load(scores + (long) i * Float.BYTES));
        }
        if (whole < count) {
            final VectorMask<Float> tail = Lanes.below(whole, count);
            highest = highest.max(FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY)
                    .blend(Lanes.load(scores + (long) whole * Float.BYTES, tail), tail));
        }
        return highest.reduceLanes(VectorOperators.MAX);
    }

    /** Of fewer scores than a vector has lanes. */
    private static void tailNumerators(final long scores, final int count, final float scale, final float max) {
        final VectorMask<Float> tail = Lanes.below(0, count);
        Lanes.store(scores, Exponential.exp(Lanes.load(scores, tail).mul(scale).sub(max)), tail);
    }

    /**
     * Adds {@code sum over t of weights[t] * values[t]} to the accumulators of {@link #QUERIES} queries.
     *
     * @param weights      the first query's weight of the first key
     * @param weightStride bytes from one query's weights to the next
     * @param values       {@code [keyCount, width]} fp32, the first key's value
     * @param keyCount     keys
     * @param out          {@code [QUERIES, width]} fp32
     * @param width        the head's dimensions, rounded up to whole vectors
     */
    public static void weightedSum(
            final long weights,
            final long weightStride,
            final long values,
            final int keyCount,
            final long out,
            final int width) {
        int lane = 0;
        for (; lane + 2 * Lanes.COUNT <= width; lane += 2 * Lanes.COUNT) {
            final long offset = (long) lane * Float.BYTES;
            sumTwoVectors(weights, weightStride, values + offset, keyCount, out + offset, width);
        }
        if (lane < width) {
            final long offset = (long) lane * Float.BYTES;
            sumOneVector(weights, weightStride, values + offset, keyCount, out + offset, width);
        }
    }

    private static void sumTwoVectors(
            final long weights,
            final long weightStride,
            final long values,
            final int keyCount,
            final long out,
            final int width) {
        final long rowBytes = (long) width * Float.BYTES;
        FloatVector a0 = Lanes.load(out);
        FloatVector a1 = Lanes.load(out + VECTOR_BYTES);
        FloatVector b0 = Lanes.load(out + rowBytes);
        FloatVector b1 = Lanes.load(out + rowBytes + VECTOR_BYTES);
        FloatVector c0 = Lanes.load(out + 2 * rowBytes);
        FloatVector c1 = Lanes.load(out + 2 * rowBytes + VECTOR_BYTES);
        FloatVector d0 = Lanes.load(out + 3 * rowBytes);
        FloatVector d1 = Lanes.load(out + 3 * rowBytes + VECTOR_BYTES);
        for (int t = 0; t < keyCount; t++) {
            final long p = weights + (long) t * Float.BYTES;
            final FloatVector v0 = Lanes.load(values + t * rowBytes);
            final FloatVector v1 = Lanes.load(values + t * rowBytes + VECTOR_BYTES);
            final FloatVector pa = FloatVector.broadcast(Lanes.FLOATS, Lanes.get(p));
            a0 = v0.fma(pa, a0);
            a1 = v1.fma(pa, a1);
            final FloatVector pb = FloatVector.broadcast(Lanes.FLOATS, Lanes.get(p + weightStride));
            b0 = v0.fma(pb, b0);
            b1 = v1.fma(pb, b1);
            final FloatVector pc = FloatVector.broadcast(Lanes.FLOATS, Lanes.get(p + 2 * weightStride));
            c0 = v0.fma(pc, c0);
            c1 = v1.fma(pc, c1);
            final FloatVector pd = FloatVector.broadcast(Lanes.FLOATS, Lanes.get(p + 3 * weightStride));
            d0 = v0.fma(pd, d0);
            d1 = v1.fma(pd, d1);
        }
        Lanes.store(out, a0);
        Lanes.store(out + VECTOR_BYTES, a1);
        Lanes.store(out + rowBytes, b0);
        Lanes.store(out + rowBytes + VECTOR_BYTES, b1);
        Lanes.store(out + 2 * rowBytes, c0);
        Lanes.store(out + 2 * rowBytes + VECTOR_BYTES, c1);
        Lanes.store(out + 3 * rowBytes, d0);
        Lanes.store(out + 3 * rowBytes + VECTOR_BYTES, d1);
    }

    private static void sumOneVector(
            final long weights,
            final long weightStride,
            final long values,
            final int keyCount,
            final long out,
            final int width) {
        final long rowBytes = (long) width * Float.BYTES;
        FloatVector a = Lanes.load(out);
        FloatVector b = Lanes.load(out + rowBytes);
        FloatVector c = Lanes.load(out + 2 * rowBytes);
        FloatVector d = Lanes.load(out + 3 * rowBytes);
        for (int t = 0; t < keyCount; t++) {
            final long p = weights + (long) t * Float.BYTES;
            final FloatVector v = Lanes.load(values + t * rowBytes);
            a = v.fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(p)), a);
            b = v.fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(p + weightStride)), b);
            c = v.fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(p + 2 * weightStride)), c);
            d = v.fma(FloatVector.broadcast(Lanes.FLOATS, Lanes.get(p + 3 * weightStride)), d);
        }
        Lanes.store(out, a);
        Lanes.store(out + rowBytes, b);
        Lanes.store(out + 2 * rowBytes, c);
        Lanes.store(out + 3 * rowBytes, d);
    }

    /** Zeroes {@code count} floats; {@code count} is whole vectors. */
    public static void clear(final long out, final int count) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            Lanes.store(out + (long) i * Float.BYTES, FloatVector.zero(Lanes.FLOATS));
        }
    }

    /** {@code out = in / divisor} for {@code n} values, bf16 or fp32. */
    public static void divide(final long in, final float divisor, final long out, final boolean bf16, final int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            final VectorMask<Float> mask = Lanes.below(i, n);
            final FloatVector value =
                    Lanes.load(in + (long) i * Float.BYTES, mask).div(divisor);
            if (bf16) {
                Lanes.storeBf16(out + (long) i * Short.BYTES, value, mask);
            } else {
                Lanes.store(out + (long) i * Float.BYTES, value, mask);
            }
        }
    }
}
