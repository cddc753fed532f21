package io.cheshire.chaos.sim.net;

import java.util.Arrays;

/**
 * How well hosts reach each other, per direction: blocked or not, and how bad the way is. The data plane and the
 * control plane have one each, since partitions may hit one and spare the other. Blocks are counted, so that
 * overlapping faults end in any order.
 */
public final class Paths {
    private final int hosts;
    private final int[] blocks;
    private final long[] extraDelayNs;
    private final double[] extraLoss;

    public Paths(final int hosts) {
        this.hosts = hosts;
        blocks = new int[hosts * hosts];
        extraDelayNs = new long[hosts * hosts];
        extraLoss = new double[hosts * hosts];
    }

    public boolean isBlocked(final int from, final int to) {
        return blocks[from * hosts + to] > 0;
    }

    /** One more reason why nothing passes. */
    public void block(final int from, final int to) {
        blocks[from * hosts + to]++;
    }

    /** One reason less. */
    public void unblock(final int from, final int to) {
        blocks[from * hosts + to] = Math.max(0, blocks[from * hosts + to] - 1);
    }

    /** Delay on top of the network's. */
    public long extraDelayNs(final int from, final int to) {
        return extraDelayNs[from * hosts + to];
    }

    public void addDelay(final int from, final int to, final long ns) {
        extraDelayNs[from * hosts + to] = Math.max(0, extraDelayNs[from * hosts + to] + ns);
    }

    /** Loss on top of the network's, a fraction. */
    public double extraLoss(final int from, final int to) {
        return extraLoss[from * hosts + to];
    }

    public void addLoss(final int from, final int to, final double fraction) {
        extraLoss[from * hosts + to] = Math.clamp(extraLoss[from * hosts + to] + fraction, 0.0, 0.9);
    }

    /** Every way is as at the start. */
    public void heal() {
        Arrays.fill(blocks, 0);
        Arrays.fill(extraDelayNs, 0);
        Arrays.fill(extraLoss, 0);
    }
}
