package io.cheshire.router.core;

/**
 * What a model's head says at a position of a prompt.
 *
 * @param position from 0
 * @param outputs  one a label, as the matrix gives them; the receiver's own, not to be written
 */
public record PooledRow(int position, float[] outputs) {}
