package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.ExpertKey;

/**
 * The three matrices of a unit as they lie in the checkpoint.
 *
 * @param key the unit
 * @param w1  gate projection {@code [ffn, hidden]}
 * @param w2  down projection {@code [hidden, ffn]}
 * @param w3  up projection {@code [ffn, hidden]}
 */
public record UnitWeights(ExpertKey key, TensorView w1, TensorView w2, TensorView w3) {}
