package io.cheshire.model.protocol;

/**
 * Names a unit: one expert of one layer, the thing that is placed, copied and moved.
 *
 * @param layer  0-based layer
 * @param expert 0-based expert within the layer
 */
public record ExpertKey(int layer, int expert) implements Comparable<ExpertKey> {
    public ExpertKey {
        if (layer < 0 || expert < 0) {
            throw new IllegalArgumentException("layer and expert must not be negative: " + layer + ", " + expert);
        }
    }

    /**
     * Dense index of the unit in a model with {@code expertsPerLayer} experts:
     * {@code layer * expertsPerLayer + expert}.
     */
    public int unitIndex(final int expertsPerLayer) {
        return Math.addExact(Math.multiplyExact(layer, expertsPerLayer), expert);
    }

    /** Inverse of {@link #unitIndex(int)}. */
    public static ExpertKey ofUnitIndex(final int unitIndex, final int expertsPerLayer) {
        return new ExpertKey(unitIndex / expertsPerLayer, unitIndex % expertsPerLayer);
    }

    @Override
    public int compareTo(final ExpertKey other) {
        final int byLayer = Integer.compare(layer, other.layer);
        return byLayer != 0 ? byLayer : Integer.compare(expert, other.expert);
    }
}
