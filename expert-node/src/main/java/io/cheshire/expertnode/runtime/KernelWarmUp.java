package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.model.runtime.device.DeviceJob;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls kernels for a while before the node says that it has its first unit: kernels in Java are slower by orders of
 * magnitude until the JVM has compiled them, and a router that counts on such a node waits for it. The node's thread
 * asks, the device calls.
 */
final class KernelWarmUp implements DeviceJob {
    private static final Logger LOG = LoggerFactory.getLogger(KernelWarmUp.class);
    /** Calls have one row, then two, up to this: decode brings few to a unit, and kernels differ by them. */
    private static final int MAX_ROWS = 8;

    private final int nodeId;
    private final DeviceExecutor device;
    private final NanoClock clock;
    private final long durationNs;
    private final int hidden;
    private final int maxRows;

    private boolean begun;
    private boolean over;
    private long endNs;
    private int calls;
    private @Nullable ExpertKernel kernel;
    private volatile boolean calling;
    private volatile boolean failed;

    /**
     * @param durationNs   0: nothing is called
     * @param maxBatchRows of a call
     */
    KernelWarmUp(
            final int nodeId,
            final DeviceExecutor device,
            final NanoClock clock,
            final long durationNs,
            final int hidden,
            final int maxBatchRows) {
        this.nodeId = nodeId;
        this.device = device;
        this.clock = clock;
        this.durationNs = durationNs;
        this.hidden = hidden;
        this.maxRows = Math.min(MAX_ROWS, maxBatchRows);
    }

    /**
     * Whether units may be taken into service; if not, the kernel, which must stay open until then, is called once
     * more.
     */
    boolean isOver(final ExpertKernel loaded) {
        if (over || calling) {
            return over;
        }
        final long nowNs = clock.nanoTime();
        if (!begun) {
            begun = true;
            endNs = nowNs + durationNs;
        }
        if (failed || nowNs - endNs >= 0) {
            over = true;
            kernel = null;
            if (durationNs > 0) {
                LOG.info(
                        "node {} has called its kernels {} times in {} ms before its first unit",
                        nodeId,
                        calls,
                        TimeUnit.NANOSECONDS.toMillis(nowNs - endNs + durationNs));
            }
            return true;
        }
        kernel = loaded;
        calling = true; // before the submit: the device may be done by the time it returns
        if (!device.submit(this)) {
            calling = false;
        }
        return false;
    }

    @Override
    public boolean begin() {
        final ExpertKernel called = kernel;
        if (called != null) {
            try (Arena arena = Arena.ofConfined()) {
                WarmUpRows.forward(called, hidden, 1 + calls++ % maxRows, arena);
            }
        }
        calling = false;
        return true;
    }

    @Override
    public void failed(final Throwable cause) {
        LOG.warn("node {} stops calling its kernels before its first unit", nodeId, cause);
        failed = true;
        calling = false;
    }
}
