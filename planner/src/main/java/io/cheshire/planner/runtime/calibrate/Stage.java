package io.cheshire.planner.runtime.calibrate;

/**
 * A part of a calibration, in this order. Each has a time of its own; what one doesn't use, those after it may. The sum
 * is the most that a calibration takes: three minutes, 45 s with {@code --quick}.
 */
enum Stage {
    KERNELS(45, 12),
    SAMPLER(8, 2),
    ENGINE(20, 8),
    EXCHANGE(18, 7),
    SERVER(20, 6),
    CLUSTER(61, 6),
    /** Until the cluster's processes have ended; then they are killed. */
    END(8, 4);

    private final int fullSeconds;
    private final int quickSeconds;

    Stage(final int fullSeconds, final int quickSeconds) {
        this.fullSeconds = fullSeconds;
        this.quickSeconds = quickSeconds;
    }

    int seconds(final boolean quick) {
        return quick ? quickSeconds : fullSeconds;
    }
}
