package io.cheshire.router.core;

import java.time.Duration;

/**
 * Who a router is, and what its life goes by.
 *
 * @param clusterName      name of the cluster it means to join
 * @param routerId         its number in the cluster
 * @param incarnation      drawn anew at every start
 * @param modelFingerprint SHA-256 of its model
 * @param weightsSha256    digest of all weights that it computes with
 * @param leaveTimeout     so long it waits for the coordinator's word when it leaves
 */
public record RouterRules(
        String clusterName,
        int routerId,
        long incarnation,
        String modelFingerprint,
        String weightsSha256,
        Duration leaveTimeout) {}
