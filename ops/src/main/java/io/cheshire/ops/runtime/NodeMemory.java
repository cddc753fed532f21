package io.cheshire.ops.runtime;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How much memory an expert node may fill with weights: what the coordinator counts with. */
public final class NodeMemory {
    /** Of a host's or a GPU's memory, what weights may take; the rest is for JVMs, buffers and the router. */
    private static final double WEIGHTS_SHARE = 0.8;

    private NodeMemory() {}

    /**
     * The limit of a node that has its host, or its GPU, to itself, in bytes.
     *
     * @param maxWeightBytes as configured; 0: none is
     * @param gpuBytes       memory of the GPU that holds the weights; 0: the host's memory does
     */
    public static long limitBytes(final long maxWeightBytes, final long gpuBytes) {
        if (maxWeightBytes > 0) {
            return maxWeightBytes;
        }
        return gpuBytes > 0 ? (long) (gpuBytes * WEIGHTS_SHARE) : shareOfHost(1);
    }

    /** The limit of each of several nodes of one host, in bytes. */
    public static long shareOfHost(final int nodeCount) {
        final OperatingSystemMXBean host = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return (long) (host.getTotalMemorySize() * WEIGHTS_SHARE) / nodeCount;
    }
}
