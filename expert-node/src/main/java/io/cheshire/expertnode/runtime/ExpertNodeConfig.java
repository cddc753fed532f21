package io.cheshire.expertnode.runtime;

import com.typesafe.config.Config;

/** The values of {@code cheshire.expert-node}; units, defaults and reasons stand in this module's {@code reference.conf}. */
public record ExpertNodeConfig(
        int maxBatchRows,
        int computeSlots,
        long maxUnsentBytes,
        long maxWeightBytes,
        int recentShards,
        int maxCommands,
        long warmUpNs,
        long probeWaitNs) {
    public ExpertNodeConfig {
        if (maxBatchRows < 1
                || computeSlots < 1
                || maxUnsentBytes < 1
                || maxWeightBytes < 0
                || recentShards < 1
                || maxCommands < 1
                || warmUpNs < 0
                || probeWaitNs < 0) {
            throw new IllegalArgumentException(
                    "cheshire.expert-node: max-batch-rows, compute-slots, max-unsent-bytes, recent-shards and max-commands"
                            + " must be positive, max-weight-bytes, warm-up and probe-wait not negative: "
                            + maxBatchRows
                            + ", " + computeSlots + ", " + maxUnsentBytes + ", " + recentShards + ", " + maxCommands
                            + ", " + maxWeightBytes + ", " + warmUpNs + " ns, " + probeWaitNs + " ns");
        }
    }

    /** @param root the whole configuration, {@code cheshire.expert-node} within */
    public static ExpertNodeConfig of(final Config root) {
        final Config config = root.getConfig("cheshire.expert-node");
        return new ExpertNodeConfig(
                config.getInt("max-batch-rows"),
                config.getInt("compute-slots"),
                config.getBytes("max-unsent-bytes"),
                config.getBytes("max-weight-bytes"),
                config.getInt("recent-shards"),
                config.getInt("max-commands"),
                config.getDuration("warm-up").toNanos(),
                config.getDuration("probe-wait").toNanos());
    }
}
