package io.cheshire.planner.runtime.exact;

import io.cheshire.chaos.sim.net.Transit;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.transport.protocol.FrameLayout;

/**
 * Packets between routers and nodes: half of the exchange's constant each way, the router's engine that handles one
 * shard after the other, and, where a network is given, a card of a rate at each host, in and out.
 */
final class MeasuredNetwork implements Transit {
    private static final double BOTH_WAYS = 2;

    private final int nodes;
    private final StepTimes.Exchange exchange;
    private final int simulatedRowBytes;
    private final int rowBytes;
    private final int resultBytes;
    private final CellPlan.Link link;
    private final EngineThreads engines;
    private final double[] sentNs;
    private final double[] receivedNs;

    /** Who handles a router's packets, one after the other. */
    interface EngineThreads {
        /** Takes the engine of the router at a host for so long; answers when that is done. */
        long reserve(int host, long nowNs, long durationNs);
    }

    /**
     * @param simulatedRowBytes of a row on its way to a node in the simulation; results have twice as many
     */
    MeasuredNetwork(
            final CellPlan plan, final StepTimes times, final int simulatedRowBytes, final EngineThreads engines) {
        this.nodes = plan.size().nodes();
        this.exchange = times.exchange();
        this.simulatedRowBytes = simulatedRowBytes;
        this.rowBytes = times.rowBytes();
        this.resultBytes = times.shape().hiddenSize() * Float.BYTES;
        this.link = plan.link();
        this.engines = engines;
        final int hosts = nodes + plan.size().routers();
        sentNs = new double[hosts];
        receivedNs = new double[hosts];
    }

    @Override
    public long transitNs(final long nowNs, final int from, final int to, final int bytes) {
        final boolean toNode = to < nodes;
        final int payload = Math.max(0, bytes - FrameLayout.ROWS_OFFSET);
        final int rows = payload / (toNode ? simulatedRowBytes : 2 * simulatedRowBytes);
        final long wayNs = Math.round((exchange.constantNs() + link.rttNs()) / BOTH_WAYS);
        if (rows == 0) {
            return wayNs; // what isn't rows is short, and nobody waits for it
        }
        final long handleNs = Math.round((exchange.perShardNs() + rows * exchange.perRowNs()) / BOTH_WAYS);
        if (toNode) {
            final long sent = engines.reserve(from, nowNs, handleNs);
            return throughCards(sent, from, to, rows * (double) rowBytes) + wayNs - nowNs;
        }
        final long there = throughCards(nowNs, from, to, rows * (double) resultBytes) + wayNs;
        return engines.reserve(to, there, handleNs) - nowNs;
    }

    /** When the last byte is through both cards, the way between them apart. */
    private long throughCards(final long nowNs, final int from, final int to, final double bytes) {
        if (link.bytesPerSecond() == Double.POSITIVE_INFINITY) {
            return nowNs;
        }
        final double wireNs = bytes * 1e9 / link.bytesPerSecond();
        sentNs[from] = Math.max(sentNs[from], (double) nowNs) + wireNs;
        receivedNs[to] = Math.max(receivedNs[to], sentNs[from] - wireNs) + wireNs;
        return Math.round(receivedNs[to]);
    }
}
