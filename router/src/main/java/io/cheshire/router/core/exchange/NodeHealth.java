package io.cheshire.router.core.exchange;

/**
 * One node as this router sees it, for people and meters.
 *
 * @param nodeId     its number
 * @param connected  takes shards
 * @param suspect    connected, but it may not answer
 * @param slow       gets a trickle only where another replica is well
 * @param openRows   rows that it has been sent and not answered
 * @param overdue    shards that it has had for longer than their deadline
 * @param deadlineNs the deadline of a shard of one row
 * @param slowness   smoothed response time as a multiple of the median node's, at least 1
 */
public record NodeHealth(
        int nodeId,
        boolean connected,
        boolean suspect,
        boolean slow,
        int openRows,
        int overdue,
        long deadlineNs,
        double slowness) {}
