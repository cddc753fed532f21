package io.cheshire.model.runtime.checkpoint;

import io.cheshire.model.core.kernel.RouterWeights;

/**
 * Everything that is not an expert, read whole, and what its bytes were.
 *
 * @param weights in place
 * @param sha256  {@link WeightDigest} of it, 64 hexadecimal digits
 */
public record DigestedRouter(RouterWeights weights, String sha256) {}
