package io.cheshire.ops.runtime;

import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.Config;
import java.lang.management.ManagementFactory;

/** How much memory an expert node may fill with weights: what the coordinator counts with. */
public final class NodeMemory {
    /** The setting; 0 leaves it to {@link #limitBytes} or {@link #shareOfHost}. */
    public static final String SETTING = "cheshire.expert-node.max-weight-bytes";

    /** Of a host's memory, what weights may take; the rest is for the JVMs, buffers and the router. */
    private static final double WEIGHTS_SHARE = 0.8;

    private NodeMemory() {}

    /** Whether the configuration sets no limit. */
    public static boolean isUnlimited(final Config config) {
        return config.getBytes(SETTING) == 0;
    }

    /** The limit of a node that has its host to itself, in bytes. */
    public static long limitBytes(final Config config) {
        final long limit = config.getBytes(SETTING);
        return limit > 0 ? limit : shareOfHost(1);
    }

    /** The limit of each of several nodes of one host, in bytes. */
    public static long shareOfHost(final int nodeCount) {
        final OperatingSystemMXBean host = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return (long) (host.getTotalMemorySize() * WEIGHTS_SHARE) / nodeCount;
    }
}
