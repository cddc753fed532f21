package io.cheshire.transport.protocol;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import java.util.Map;

/**
 * What two ends must have in common before a row goes between them.
 *
 * @param fingerprint which model
 * @param layerCount  its layers
 * @param expertCount experts a layer
 * @param hiddenSize  elements of a row
 * @param rowDtype    format of dispatched rows; result rows are always fp32
 * @param precisions  what the fingerprint would be in other precisions, so that a refusal can name the other end's
 */
public record ModelIdentity(
        Fingerprint fingerprint,
        int layerCount,
        int expertCount,
        int hiddenSize,
        Dtype rowDtype,
        Map<Fingerprint, String> precisions) {
    public ModelIdentity {
        precisions = Map.copyOf(precisions);
        if (layerCount < 1 || expertCount < 1 || hiddenSize < 1 || (rowDtype != Dtype.BF16 && rowDtype != Dtype.F32)) {
            throw new IllegalArgumentException(
                    "a model has layers, experts and a hidden size, and rows in bf16 or fp32: " + layerCount + ", "
                            + expertCount + ", " + hiddenSize + ", " + rowDtype);
        }
    }

    public ModelIdentity(
            final Fingerprint fingerprint,
            final int layerCount,
            final int expertCount,
            final int hiddenSize,
            final Dtype rowDtype) {
        this(fingerprint, layerCount, expertCount, hiddenSize, rowDtype, Map.of());
    }

    /** The same, with what its fingerprint would be in each precision. */
    public ModelIdentity with(final Map<Fingerprint, String> byFingerprint) {
        return new ModelIdentity(fingerprint, layerCount, expertCount, hiddenSize, rowDtype, byFingerprint);
    }

    public static ModelIdentity of(final ModelConfig config, final Precision precision, final Fingerprint fingerprint) {
        return new ModelIdentity(
                fingerprint, config.layerCount(), config.expertCount(), config.hiddenSize(), precision.rowDtype());
    }

    /** Bytes of a dispatched row. */
    public int rowBytes() {
        return Math.multiplyExact(hiddenSize, rowDtype.bytes());
    }

    /** Bytes of a result row. */
    public int resultRowBytes() {
        return Math.multiplyExact(hiddenSize, Float.BYTES);
    }
}
