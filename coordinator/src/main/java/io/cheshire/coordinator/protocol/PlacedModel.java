package io.cheshire.coordinator.protocol;

/**
 * What the control plane must know of the model that the cluster serves.
 *
 * @param fingerprint     SHA-256 over config and tensors; members of another fingerprint are refused
 * @param layers          layers of the model
 * @param expertsPerLayer experts in each layer
 */
public record PlacedModel(String fingerprint, int layers, int expertsPerLayer) {
    public PlacedModel {
        if (layers < 1 || expertsPerLayer < 1) {
            throw new IllegalArgumentException(
                    "a model has at least one layer and one expert, not " + layers + " and " + expertsPerLayer);
        }
        Math.multiplyExact(layers, expertsPerLayer);
    }

    /** Units of the model. */
    public int unitCount() {
        return layers * expertsPerLayer;
    }
}
