package io.cheshire.ops.core.doctor;

/**
 * What the configuration asks of a host, in bytes.
 *
 * @param nodes        expert nodes
 * @param nodeId       number of the expert node that this host runs; -1: it isn't one
 * @param copies       of each unit
 * @param kvBytes      of the KV cache
 * @param driverBytes  free room that the media driver asks for
 * @param channels     for how many channels
 * @param driverMost   what it may come to take, with as many routers as a node serves
 * @param usesNetwork  whether rows leave the host
 * @param usesCluster  whether others have to find this host
 */
public record Needs(
        int nodes,
        int nodeId,
        int copies,
        long kvBytes,
        long driverBytes,
        int channels,
        long driverMost,
        boolean usesNetwork,
        boolean usesCluster) {}
