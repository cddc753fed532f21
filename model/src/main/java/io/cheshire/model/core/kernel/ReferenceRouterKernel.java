package io.cheshire.model.core.kernel;

import io.cheshire.model.core.gate.Gate;
import io.cheshire.model.core.gate.Gates;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * The forward pass without its experts, row by row, to be read beside docs/model.md §3.
 *
 * <p>With {@link Precision#BF16} the inputs and weights of q, k, v, o, the experts and the head are rounded to bf16.
 * The gate's matmul is not: it reads the normed row in fp32 with the weights as published.
 */
final class ReferenceRouterKernel implements RouterKernel {
    private record Layer(LayerNorm inputNorm, ReferenceAttention attention, LayerNorm postNorm, Linear gate) {}

    private final ModelConfig config;
    private final Precision precision;
    private final int maxRows;
    private final ReferenceKvCache cache;
    private final Gate gate;
    private final float[] embedding; // [vocab, hidden]
    private final List<Layer> layers = new ArrayList<>();
    private final LayerNorm finalNorm;
    private final Linear lmHead;
    private final float[] x; // [hidden], one row of the residual stream
    private final float[] h; // [hidden]
    private final float[] y; // [hidden]
    private final float[] routerLogits; // [expertCount]
    private final float[] headLogits; // [headWidth]
    private final float[] attentionScores; // [positions]

    ReferenceRouterKernel(
            final ModelConfig config,
            final Precision precision,
            final RouterWeights weights,
            final KvLayout kv,
            final int maxRows) {
        this.config = config;
        this.precision = precision;
        this.maxRows = maxRows;
        final int hidden = config.hiddenSize();
        cache = new ReferenceKvCache(config, kv);
        gate = Gates.of(config);
        embedding = Tensors.toFloats(weights.embedding(), config.vocabSize(), hidden);
        for (int n = 0; n < config.layerCount(); n++) {
            layers.add(layer(weights.layers().get(n), n));
        }
        finalNorm = new LayerNorm(weights.normWeight(), weights.normBias(), hidden, config.normEpsilon());
        // Scores are in fp32 under any precision: a head of a few rows costs nothing.
        final boolean scores = config.scoreHead() != null;
        lmHead = new Linear(
                weights.lmHead(),
                weights.lmHeadBias(),
                config.headWidth(),
                hidden,
                scores ? Precision.FP32 : precision,
                scores ? null : precision.projections());
        x = new float[hidden];
        h = new float[hidden];
        y = new float[hidden];
        routerLogits = new float[config.expertCount()];
        headLogits = new float[config.headWidth()];
        attentionScores = new float[Math.multiplyExact(kv.blockCount(), kv.tokensPerBlock())];
    }

    private Layer layer(final RouterWeights.Layer w, final int n) {
        final int hidden = config.hiddenSize();
        return new Layer(
                new LayerNorm(w.inputNormWeight(), w.inputNormBias(), hidden, config.normEpsilon()),
                new ReferenceAttention(config, precision, w, n, cache),
                new LayerNorm(w.postNormWeight(), w.postNormBias(), hidden, config.normEpsilon()),
                new Linear(w.gate(), null, config.expertCount(), hidden, Precision.FP32, null));
    }

    @Override
    public void embed(final StepBatch batch, final LaneBuffers lane) {
        if (batch.rowCount < 1 || batch.rowCount > maxRows) {
            throw new IllegalArgumentException("rowCount " + batch.rowCount + " is not in 1 .. " + maxRows);
        }
        for (int row = 0; row < batch.rowCount; row++) {
            final int token = batch.tokenIds[row];
            if (token < 0 || token >= config.vocabSize()) {
                throw new IllegalArgumentException(
                        "token id " + token + " is outside the vocabulary of " + config.vocabSize());
            }
            System.arraycopy(embedding, token * x.length, x, 0, x.length);
            TypedRows.write(lane.residual, Dtype.F32, row, x);
        }
    }

    @Override
    public void attention(final int layer, final StepBatch batch, final LaneBuffers lane) {
        for (int s = 0; s < batch.sequenceCount; s++) {
            for (int i = 0; i < batch.rowsOf[s]; i++) {
                attentionRow(layer, batch, s, i, lane);
            }
        }
    }

    private void attentionRow(
            final int n, final StepBatch batch, final int sequence, final int index, final LaneBuffers lane) {
        final Layer layer = layers.get(n);
        final int row = batch.firstRow[sequence] + index;
        readCombined(n, row, lane);

        layer.inputNorm.apply(x, h);
        layer.attention.apply(
                h,
                batch.firstPosition[sequence] + index,
                batch.blockTables[sequence],
                batch.ropeTables[sequence],
                attentionScores,
                y);
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
        TypedRows.write(lane.residual, Dtype.F32, row, x);

        layer.postNorm.apply(x, h);
        TypedRows.write(lane.dispatchRows, precision.rowDtype(), row, h);
        layer.gate.apply(h, routerLogits);
        gate.route(routerLogits, 0, lane.experts, lane.weights, row * config.expertsPerToken());
    }

    @Override
    public void logits(final StepBatch batch, final LaneBuffers lane) {
        for (int i = 0; i < batch.logitsRowCount; i++) {
            readCombined(config.layerCount(), batch.logitsRows[i], lane);
            finalNorm.apply(x, h);
            lmHead.apply(h, headLogits);
            TypedRows.write(lane.logits, Dtype.F32, i, headLogits);
        }
    }

    /**
     * {@code x = residual + (w1*y1 + w2*y2)} of the layer before {@code layer}: the experts are added to each other
     * first, in the gate's order, the residual last. Layer 0 has nothing to combine.
     */
    private void readCombined(final int layer, final int row, final LaneBuffers lane) {
        TypedRows.read(lane.residual, Dtype.F32, row, x);
        if (layer == 0) {
            return;
        }
        final int expertsPerToken = config.expertsPerToken();
        for (int k = 0; k < expertsPerToken; k++) {
            final int place = row * expertsPerToken + k;
            TypedRows.read(lane.results, Dtype.F32, place, y);
            for (int i = 0; i < h.length; i++) {
                h[i] = k == 0 ? lane.weights[place] * y[i] : h[i] + lane.weights[place] * y[i];
            }
        }
        for (int i = 0; i < x.length; i++) {
            x[i] += h[i];
        }
    }

    @Override
    public KvLayout kvLayout() {
        return cache.layout();
    }

    @Override
    public long weightBytes() {
        long bytes = (long) Float.BYTES * embedding.length + finalNorm.bytes() + lmHead.bytes();
        for (final Layer layer : layers) {
            bytes += layer.inputNorm.bytes() + layer.attention.bytes() + layer.postNorm.bytes() + layer.gate.bytes();
        }
        return bytes;
    }

    @Override
    public long kvBytes() {
        return cache.bytes();
    }

    @Override
    public void close() {}
}
