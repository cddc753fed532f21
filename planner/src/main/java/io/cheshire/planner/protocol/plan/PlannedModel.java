package io.cheshire.planner.protocol.plan;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.Calibration.Shape;

/**
 * What a plan needs of a model: no weights.
 *
 * @param name           for people
 * @param shape          what decides times
 * @param bytesPerWeight 2 for bf16, 4 for fp32; also of the KV cache
 * @param contextLimit   longest sequence, prompt and output together
 */
public record PlannedModel(String name, Shape shape, int bytesPerWeight, int contextLimit) {
    /** Matrices of one expert: gate, up, down. */
    private static final int EXPERT_MATRICES = 3;

    /** Phi-3.5-MoE as published, in bf16. */
    public static PlannedModel phi35Moe() {
        return new PlannedModel("phi-3.5-moe", new Shape(32_064, 4_096, 6_400, 32, 32, 8, 128, 16, 2), 2, 131_072);
    }

    /** Bytes of one expert of one layer. */
    public long unitBytes() {
        return (long) EXPERT_MATRICES * shape.hiddenSize() * shape.ffnSize() * bytesPerWeight;
    }

    /** What matmuls are computed in. */
    public Precision precision() {
        return bytesPerWeight == 2 ? Precision.BF16 : Precision.FP32;
    }

    /** Units of the whole model. */
    public int unitCount() {
        return Math.multiplyExact(shape.layerCount(), shape.expertCount());
    }

    /** Keys and values of one position, all layers. */
    public long kvBytesPerToken() {
        return 2L * shape.layerCount() * shape.kvHeadCount() * shape.headDim() * bytesPerWeight;
    }

    /** Weights that one layer's step of a router reads: q, k, v, o and the gate. */
    public long routerLayerBytes() {
        final long hidden = shape.hiddenSize();
        final long widths = 2L * shape.headCount() * shape.headDim() + 2L * shape.kvHeadCount() * shape.headDim();
        return hidden * (widths + shape.expertCount()) * bytesPerWeight;
    }

    /** Weights of the head, or of the embedding. */
    public long headBytes() {
        return (long) shape.vocabSize() * shape.hiddenSize() * bytesPerWeight;
    }

    /** All that a router holds: its layers, embedding and head. */
    public long routerBytes() {
        return shape.layerCount() * routerLayerBytes() + 2 * headBytes();
    }

    /** Bytes of a row as it is sent, and of its result in fp32. */
    public long rowAndResultBytes() {
        return (long) shape.hiddenSize() * (bytesPerWeight + Float.BYTES);
    }
}
