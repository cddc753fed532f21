package io.cheshire.coordinator.core;

/**
 * What a {@link CoordinatorLife} goes by.
 *
 * @param placement           what its placement machine goes by
 * @param peerRate            messages a second that it listens to from one peer, steadily
 * @param peerBurst           messages at once that it listens to from one peer
 * @param peerLimit           peers whose rates it remembers
 * @param refreshLimit        requests for fresh figures that may wait at once
 * @param refreshTimeoutMaxNs longest that one of them may wait
 * @param tickIntervalNs      how often it is told that time passed
 */
public record CoordinatorRules(
        PlacementRules placement,
        int peerRate,
        int peerBurst,
        int peerLimit,
        int refreshLimit,
        long refreshTimeoutMaxNs,
        long tickIntervalNs) {}
