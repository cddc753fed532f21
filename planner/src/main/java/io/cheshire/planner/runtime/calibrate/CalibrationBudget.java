package io.cheshire.planner.runtime.calibrate;

/**
 * How much a calibration measures, if its stages have the time ({@link Stage}).
 *
 * @param kernelNs     time for each group of kernels
 * @param kernelWarmNs time before, until compilers are done
 * @param engineRounds rounds of the whole engine
 * @param exchangeNs   time for each kind of layer
 * @param requests     for each length of prompt
 * @param kills        nodes that are killed, one after another
 * @param stops        nodes that are stopped for a while
 * @param moves        units that are moved
 */
record CalibrationBudget(
        long kernelNs,
        long kernelWarmNs,
        int engineRounds,
        long exchangeNs,
        int requests,
        int kills,
        int stops,
        int moves) {
    private static final long SECOND_NS = 1_000_000_000;

    static final CalibrationBudget FULL =
            new CalibrationBudget(8 * SECOND_NS, 3 * SECOND_NS, 4, SECOND_NS, 40, 5, 3, 6);
    static final CalibrationBudget QUICK =
            new CalibrationBudget(3 * SECOND_NS / 2, SECOND_NS, 1, SECOND_NS / 5, 12, 1, 1, 2);
}
