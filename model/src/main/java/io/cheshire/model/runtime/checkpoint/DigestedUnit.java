package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.kernel.UnitWeights;

/**
 * A unit that was read whole, and what its bytes were.
 *
 * @param weights in place
 * @param sha256  {@link WeightDigest} of it, 64 hexadecimal digits
 */
public record DigestedUnit(UnitWeights weights, String sha256) {
    /** Reads weights that lie in memory. */
    public static DigestedUnit of(final UnitWeights weights) {
        return new DigestedUnit(weights, WeightDigest.ofUnit(weights));
    }
}
