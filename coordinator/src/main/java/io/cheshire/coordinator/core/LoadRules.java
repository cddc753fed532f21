package io.cheshire.coordinator.core;

/**
 * How a {@link PlacementMachine} has nodes load units.
 *
 * @param open       units one node is told to load at once; the most urgent ones come next
 * @param timeoutNs  a node that finished no load for so long has failed the ones still open
 * @param retryMinNs first pause after a failed load; doubles with each further failure
 * @param retryMaxNs longest pause after a failed load
 */
public record LoadRules(int open, long timeoutNs, long retryMinNs, long retryMaxNs) {
    /** More doublings than a pause can take. */
    private static final int MAX_DOUBLINGS = 30;

    /** Pause before a load that failed {@code failureCount} times is tried again. */
    long retryAfterNs(final int failureCount) {
        final int doublings = Math.min(Math.max(failureCount - 1, 0), MAX_DOUBLINGS);
        final long pauseNs = retryMinNs << doublings;
        return pauseNs < retryMinNs ? retryMaxNs : Math.min(pauseNs, retryMaxNs);
    }
}
