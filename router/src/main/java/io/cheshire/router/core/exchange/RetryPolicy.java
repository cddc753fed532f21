package io.cheshire.router.core.exchange;

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
    public RetryPolicy {
        if (firstBackoffNs < 0 || maxBackoffNs < firstBackoffNs || maxComputeFailures < 1 || maxNodesLost < 2) {
            throw new IllegalArgumentException("retry policy out of range");
        }
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
