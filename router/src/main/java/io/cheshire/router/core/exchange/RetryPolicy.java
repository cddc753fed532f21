package io.cheshire.router.core.exchange;

/**
 * When a shard that was refused goes out again, and when to give up on one that can't be computed.
 *
 * @param firstBackoffNs     wait after the first refusal; doubles with each further one
 * @param maxBackoffNs       and stops here
 * @param maxComputeFailures after so many answers that the node couldn't compute or read it, the shard's requests fail
 */
public record RetryPolicy(long firstBackoffNs, long maxBackoffNs, int maxComputeFailures) {
    public RetryPolicy {
        if (firstBackoffNs < 0 || maxBackoffNs < firstBackoffNs || maxComputeFailures < 1) {
            throw new IllegalArgumentException("retry policy out of range");
        }
    }

    /** Wait before sending number {@code refusals} + 1. */
    long backoffNs(final int refusals) {
        final int doublings = Math.min(Math.max(refusals - 1, 0), 30);
        return firstBackoffNs > maxBackoffNs >> doublings ? maxBackoffNs : firstBackoffNs << doublings;
    }
}
