package io.cheshire.expertnode.core;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;

/**
 * Who an expert node is, and what its life goes by.
 *
 * @param clusterName      name of the cluster it means to join
 * @param endpoint         where routers reach it; gives its id and its incarnation
 * @param modelFingerprint SHA-256 of the model it can load units of
 * @param memoryLimitBytes bytes it may fill with weights
 * @param unitBytes        bytes one unit takes on it
 * @param concurrentLoads  units that it loads at once
 * @param leaveTimeout     so long it waits for the coordinator's word, and so long for what is queued
 * @param failureDomain    what it shares with nodes that fail together with it; empty: nothing
 */
public record NodeRules(
        String clusterName,
        NodeEndpoint endpoint,
        String modelFingerprint,
        long memoryLimitBytes,
        long unitBytes,
        int concurrentLoads,
        Duration leaveTimeout,
        String failureDomain) {}
