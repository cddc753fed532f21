package io.cheshire.transport.protocol;

import io.cheshire.transport.sbe.HelloStatus;

/**
 * A node's answer to a {@link Hello}.
 *
 * @param version           schema version of the node
 * @param status            the outcome
 * @param linkId            names the link; 0 when refused
 * @param nodeId            who answers
 * @param nodeIncarnation   its incarnation
 * @param routerId          who asked
 * @param routerIncarnation its incarnation
 * @param sequence          of the Hello
 * @param fingerprint       the node's model
 * @param windowRows        the most rows of the router that the node holds at once
 * @param creditLimit       rows that the router may ever dispatch, as of now
 * @param options           how the node guards frames
 */
public record HelloAnswer(
        int version,
        HelloStatus status,
        long linkId,
        int nodeId,
        long nodeIncarnation,
        int routerId,
        long routerIncarnation,
        long sequence,
        Fingerprint fingerprint,
        int windowRows,
        long creditLimit,
        LinkOptions options) {}
