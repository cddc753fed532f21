package io.cheshire.planner.core.screen;

/**
 * The product's defaults that bound a router (cheshire.router.engine).
 *
 * @param rowsPerStep      decode and prefill rows of one step
 * @param sequencesPerLane that run at a time
 * @param queue            sequences that wait; more are answered 429
 */
public record ScreenLimits(int rowsPerStep, int sequencesPerLane, int queue) {
    public static final ScreenLimits DEFAULT = new ScreenLimits(512, 64, 256);
}
