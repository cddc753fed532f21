package io.cheshire.model.core.gate;

/**
 * Chooses the experts of a row and their weights. Pure; safe from any thread; allocates nothing.
 *
 * <p>A row with a logit that is NaN or infinite has no routing: it gets experts {@code 0 .. expertsPerToken - 1} with
 * weight NaN. So its own logits become NaN and the sampler fails that one request; the other rows of the step go on.
 */
public interface Gate {
    /**
     * Routes one row.
     *
     * @param logits       router logits, {@code expertCount} of them from {@code logitsOffset}
     * @param logitsOffset where the row begins
     * @param experts      receives {@code expertsPerToken} expert numbers from {@code outOffset}, first choice first
     * @param weights      receives their weights, same places
     * @param outOffset    where to write
     */
    void route(float[] logits, int logitsOffset, int[] experts, float[] weights, int outOffset);
}
