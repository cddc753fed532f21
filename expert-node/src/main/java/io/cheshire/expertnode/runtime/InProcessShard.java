package io.cheshire.expertnode.runtime;

import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.runtime.device.DeviceJob;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.ModelIdentity;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard on its way through the device, with its memory; used again and again. The engine's thread takes it and
 * answers it, the device's computes it; {@link #isDone} orders the two.
 */
final class InProcessShard implements DeviceJob {
    private static final Logger LOG = LoggerFactory.getLogger(InProcessShard.class);

    private final ModelIdentity model;
    private final UnitKernels kernels;
    private final int maxBatchRows;
    private final Arena arena;
    private long shardId;
    private int attempt;
    private int nodeId;
    private int layer;
    private int expert;
    private int rowCount;
    private int capacityRows;
    private MemorySegment rows = MemorySegment.NULL;
    private MemorySegment results = MemorySegment.NULL;
    private long submittedNs;
    private long startNs;
    private long computeNs;
    private boolean abandoned;
    private boolean failed;
    private int begunRows;
    private KernelCall call = KernelCall.DONE;
    private volatile boolean done;

    InProcessShard(final ModelIdentity model, final UnitKernels kernels, final int maxBatchRows, final Arena arena) {
        this.model = model;
        this.kernels = kernels;
        this.maxBatchRows = maxBatchRows;
        this.arena = arena;
    }

    boolean isDone() {
        return done;
    }

    /** Whoever it was for is gone: nobody is told of it. */
    void abandonIfOf(final int goneNodeId) {
        abandoned |= nodeId == goneNodeId;
    }

    /** Takes a shard of a lane's rows. */
    void take(final Shard shard, final MemorySegment laneRows) {
        shardId = shard.shardId;
        attempt = shard.attempt;
        nodeId = shard.nodeId;
        layer = shard.layer;
        expert = shard.expert;
        rowCount = shard.rowCount;
        submittedNs = System.nanoTime();
        abandoned = false;
        failed = false;
        done = false;
        reserve(rowCount);
        final long rowBytes = model.rowBytes();
        for (int i = 0; i < rowCount; i++) {
            MemorySegment.copy(laneRows, shard.rows[i] * rowBytes, rows, i * rowBytes, rowBytes);
        }
    }

    private void reserve(final int neededRows) {
        if (neededRows > capacityRows) {
            capacityRows = Math.max(16, Integer.highestOneBit(2 * neededRows - 1));
            rows = arena.allocate((long) capacityRows * model.rowBytes(), 64);
            results = arena.allocate((long) capacityRows * model.resultRowBytes(), 64);
        }
    }

    @Override
    public boolean begin() {
        startNs = System.nanoTime();
        begunRows = 0;
        return advance();
    }

    @Override
    public boolean poll() {
        return call.isDone() && advance();
    }

    @Override
    public boolean overlaps() {
        return true;
    }

    /** Calls for the rows that are left, one after another; whether all are done. */
    private boolean advance() {
        while (begunRows < rowCount) {
            final int first = begunRows;
            final int count = Math.min(maxBatchRows, rowCount - first);
            begunRows += count;
            call = kernels.kernel(layer, expert)
                    .begin(
                            rows.asSlice((long) first * model.rowBytes(), (long) count * model.rowBytes()),
                            count,
                            results.asSlice(
                                    (long) first * model.resultRowBytes(), (long) count * model.resultRowBytes()));
            if (!call.isDone()) {
                return false;
            }
        }
        computeNs = System.nanoTime() - startNs;
        done = true;
        return true;
    }

    @Override
    public void failed(final Throwable cause) {
        LOG.error("failed to compute {} rows of layer {} expert {}", rowCount, layer, expert, cause);
        failed = true;
        done = true;
    }

    /** Once it is done. */
    void answer(final ExpertTransport.Listener listener) {
        if (abandoned) {
            return;
        }
        if (failed) {
            listener.onNack(nodeId, shardId, attempt, NackReason.COMPUTE_FAILED);
            return;
        }
        listener.onResult(
                nodeId,
                shardId,
                attempt,
                layer,
                0,
                rowCount,
                results.asSlice(0, (long) rowCount * model.resultRowBytes()),
                startNs - submittedNs,
                computeNs);
    }
}
