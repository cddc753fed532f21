package io.cheshire.model.core.kernel;

import io.cheshire.model.core.RopeTable;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;

/**
 * Self-attention of one layer for one row (docs/model.md §3, §3.3): q/k/v, RoPE, append to the cache, softmax over the
 * visible keys, output projection. Scores, softmax and the weighted sum of values are not rounded to bf16 in either
 * precision.
 */
final class ReferenceAttention {
    private final ModelConfig config;
    private final int layer;
    private final ReferenceKvCache cache;
    private final Linear wq;
    private final Linear wk;
    private final Linear wv;
    private final Linear wo;
    private final float[] q; // [headCount, headDim]
    private final float[] k; // [kvHeadCount, headDim]
    private final float[] v; // [kvHeadCount, headDim]
    private final float[] o; // [headCount, headDim]

    ReferenceAttention(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights.Layer weights,
            final int layer,
            final ReferenceKvCache cache) {
        this.config = config;
        this.layer = layer;
        this.cache = cache;
        final int hidden = config.hiddenSize();
        wq = new Linear(weights.q(), weights.qBias(), config.queryWidth(), hidden, precision, precision.projections());
        wk = new Linear(weights.k(), weights.kBias(), config.kvWidth(), hidden, precision, precision.projections());
        wv = new Linear(weights.v(), weights.vBias(), config.kvWidth(), hidden, precision, precision.projections());
        wo = new Linear(weights.o(), weights.oBias(), hidden, config.queryWidth(), precision, precision.projections());
        q = new float[config.queryWidth()];
        k = new float[config.kvWidth()];
        v = new float[config.kvWidth()];
        o = new float[config.queryWidth()];
    }

    /**
     * @param h      normed row {@code [hidden]}
     * @param scores scratch, at least {@code position + 1} long
     * @param out    receives the projected output {@code [hidden]}, to be added to the residual
     */
    void apply(
            final float[] h,
            final int position,
            final int[] blockTable,
            final RopeTable rope,
            final float[] scores,
            final float[] out) {
        wq.apply(h, q);
        wk.apply(h, k);
        wv.apply(h, v);
        rotate(q, config.headCount(), position, rope);
        rotate(k, config.kvHeadCount(), position, rope);
        final float[] block = cache.block(blockTable, position);
        System.arraycopy(k, 0, block, cache.keyOffset(layer, position), k.length);
        System.arraycopy(v, 0, block, cache.valueOffset(layer, position), v.length);

        final int queriesPerKv = config.headCount() / config.kvHeadCount();
        for (int head = 0; head < config.headCount(); head++) {
            attend(head, head / queriesPerKv, position, blockTable, scores);
        }
        wo.apply(o, out);
    }

    /** {@code x*cos + rot(x)*sin} with {@code rot([a,b]) = [-b,a]}, a and b the two halves of a head ("neox"). */
    private void rotate(final float[] x, final int heads, final int position, final RopeTable rope) {
        final int half = config.headDim() / 2;
        final int row = position * rope.pairCount();
        for (int head = 0; head < heads; head++) {
            final int first = head * config.headDim();
            for (int i = 0; i < half; i++) {
                final float cos = rope.cos()[row + i];
                final float sin = rope.sin()[row + i];
                final float a = x[first + i];
                final float b = x[first + half + i];
                x[first + i] = a * cos - b * sin;
                x[first + half + i] = b * cos + a * sin;
            }
        }
    }

    /** One query head over keys {@code firstVisible .. position}; writes its slice of {@code o}. */
    private void attend(
            final int head, final int kvHead, final int position, final int[] blockTable, final float[] scores) {
        final int d = config.headDim();
        final Integer window = config.slidingWindow();
        final int firstVisible = window == null ? 0 : Math.max(0, position - window);
        final double scale = 1 / Math.sqrt(d);
        float max = Float.NEGATIVE_INFINITY;
        for (int j = firstVisible; j <= position; j++) {
            final int key = cache.keyOffset(layer, j) + kvHead * d;
            scores[j] = (float) (Linear.dot(q, head * d, cache.block(blockTable, j), key, d) * scale);
            max = Math.max(max, scores[j]);
        }
        double sum = 0;
        for (int j = firstVisible; j <= position; j++) {
            scores[j] = (float) StrictMath.exp(scores[j] - max);
            sum += scores[j];
        }
        for (int i = 0; i < d; i++) {
            double value = 0;
            for (int j = firstVisible; j <= position; j++) {
                value += (double) scores[j] * cache.block(blockTable, j)[cache.valueOffset(layer, j) + kvHead * d + i];
            }
            o[head * d + i] = (float) (value / sum);
        }
    }

    long bytes() {
        return wq.bytes() + wk.bytes() + wv.bytes() + wo.bytes();
    }
}
