package io.cheshire.expertnode.runtime;

import io.cheshire.settings.SettingReader;
import java.time.Duration;

/**
 * The values of {@code cheshire.expert-node}; units, defaults and reasons stand in this module's
 * {@code reference.conf}.
 *
 * @param maxBatchRows   the most rows of one kernel call
 * @param computeSlots   batches that a node has with its device at once
 * @param maxUnsentBytes the most bytes of results that wait for one router
 * @param maxWeightBytes the most bytes of packed weights; 0: no limit
 * @param recentShards   shards of one router that are remembered to know duplicates by
 * @param maxCommands    commands of the control plane that wait
 * @param warmUpNs       so long kernels are called before the first unit is there
 * @param probeWaitNs    so long a comparison of copies waits for a moment without rows
 */
public record ExpertNodeConfig(
        int maxBatchRows,
        int computeSlots,
        long maxUnsentBytes,
        long maxWeightBytes,
        int recentShards,
        int maxCommands,
        long warmUpNs,
        long probeWaitNs) {
    private static final String SECTION = "cheshire.expert-node";

    /** For launchers that share a host's memory out. */
    public static final String MAX_WEIGHT_BYTES = SECTION + ".max-weight-bytes";

    private static final Duration MOST = Duration.ofDays(1);

    /** Reads {@code cheshire.expert-node} of a whole configuration. */
    public static ExpertNodeConfig from(final SettingReader root) {
        final SettingReader node = root.section(SECTION);
        return new ExpertNodeConfig(
                node.number("max-batch-rows", 1, Integer.MAX_VALUE),
                node.number("compute-slots", 1, Integer.MAX_VALUE),
                node.bytes("max-unsent-bytes", 1, Long.MAX_VALUE),
                node.bytes("max-weight-bytes", 0, Long.MAX_VALUE),
                node.number("recent-shards", 1, Integer.MAX_VALUE),
                node.number("max-commands", 1, Integer.MAX_VALUE),
                node.durationNs("warm-up", Duration.ZERO, MOST),
                node.durationNs("probe-wait", Duration.ZERO, MOST));
    }

    /**
     * Refuses batches that a node of this model couldn't hold: places in a batch's memory are counted in ints, and so
     * are those in a frame, and a batch for one router must find room however little it takes.
     *
     * @throws IllegalArgumentException names the setting, its value and the limit
     */
    void requireBatchFits(final int resultRowBytes) {
        final long batchBytes = (long) maxBatchRows * resultRowBytes;
        if (batchBytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(SECTION + ".max-batch-rows = " + maxBatchRows + ": must be at most "
                    + Integer.MAX_VALUE / resultRowBytes + ", since a row of this model takes " + resultRowBytes
                    + " bytes");
        }
        if (batchBytes > maxUnsentBytes) {
            throw new IllegalArgumentException(SECTION + ".max-unsent-bytes = " + maxUnsentBytes
                    + ": must be at least a batch of max-batch-rows (" + maxBatchRows + "), " + batchBytes + " bytes");
        }
    }
}
