package io.cheshire.router.core.exchange;

import io.cheshire.settings.SettingReader;
import io.cheshire.settings.Units;
import java.time.Duration;

/**
 * When a shard that was refused goes out again, and when to give up on one that can't be computed.
 *
 * @param firstBackoffNs     wait after the first refusal; doubles with each further one
 * @param maxBackoffNs       and stops here
 * @param maxComputeFailures after so many answers that the node couldn't compute or read it, the shard's requests fail
 * @param maxNodesLost       of a row that so many nodes had when they were lost, the last of them alone, the request
 *                           fails; at least 2. Rows that end the process that computes them would end every replica
 *                           else
 */
public record RetryPolicy(long firstBackoffNs, long maxBackoffNs, int maxComputeFailures, int maxNodesLost) {
    private static final Duration MOST = Duration.ofDays(1);

    /** Reads {@code retry} of the engine's section. */
    public static RetryPolicy from(final SettingReader retry) {
        final RetryPolicy policy = new RetryPolicy(
                retry.durationNs("first-backoff", Duration.ZERO, MOST),
                retry.durationNs("max-backoff", Duration.ZERO, MOST),
                retry.number("max-compute-failures", 1, Integer.MAX_VALUE),
                retry.number("max-nodes-lost", 2, Integer.MAX_VALUE));
        retry.require(
                policy.maxBackoffNs >= policy.firstBackoffNs,
                "max-backoff",
                "must not be less than " + retry.key("first-backoff") + " (" + Units.time(policy.firstBackoffNs) + ")");
        return policy;
    }

    /** Whether a shard that so many nodes were lost with goes out row by row, so that the one that it is shows. */
    boolean sendsAlone(final int nodesLost) {
        return nodesLost >= maxNodesLost - 1;
    }

    /** Wait before sending number {@code refusals} + 1. */
    long backoffNs(final int refusals) {
        final int doublings = Math.min(Math.max(refusals - 1, 0), 30);
        return firstBackoffNs > maxBackoffNs >> doublings ? maxBackoffNs : firstBackoffNs << doublings;
    }
}
