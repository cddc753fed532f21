package io.cheshire.expertnode.runtime;

import io.cheshire.expertnode.core.Batch;
import io.cheshire.expertnode.core.QueuedShard;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.runtime.device.DeviceJob;
import io.cheshire.model.runtime.device.JobTimes;
import io.cheshire.transport.core.RouterLink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One batch on its way through the device, with its memory; allocated once, grown to the largest batch met. The node's
 * thread fills it, the device's thread runs it, the node's thread reads it: {@link #state} orders the three.
 */
final class ComputeSlot implements DeviceJob {
    enum State {
        FREE,
        /** Gathered, not yet in the device's queue. */
        PREPARED,
        SUBMITTED,
        COMPUTED,
        FAILED
    }

    private static final int ALIGNMENT_BYTES = 64;
    private static final int MIN_ROWS = 16;

    final Batch<RouterLink> batch = new Batch<>();
    /** View of the results, {@code [totalRows, hidden]} fp32. */
    final UnsafeBuffer results = new UnsafeBuffer(0, 0);

    volatile State state = State.FREE;
    long computeStartNs;
    /** Of the call, from its begin to its end. */
    long computeNs;
    /** What of it no other call of this node has taken already. */
    long busyNs;

    @Nullable
    Throwable failure;

    private final Arena arena;
    private final int rowBytes;
    private final int resultRowBytes;
    private final int maxRows;
    private final BusyTime busy;
    private final NanoClock clock;
    private final UnsafeBuffer input = new UnsafeBuffer(0, 0);
    private MemorySegment inputRows = MemorySegment.NULL;
    private MemorySegment resultRows = MemorySegment.NULL;
    private int capacityRows;
    private @Nullable ExpertKernel kernel;
    private KernelCall call = KernelCall.DONE;

    /** @param busy of all slots of a node */
    ComputeSlot(
            final Arena arena,
            final int rowBytes,
            final int resultRowBytes,
            final int maxRows,
            final BusyTime busy,
            final NanoClock clock) {
        this.arena = arena;
        this.rowBytes = rowBytes;
        this.resultRowBytes = resultRowBytes;
        this.maxRows = maxRows;
        this.busy = busy;
        this.clock = clock;
    }

    /** Gathers the batch's rows into the device's input. */
    void prepare(final RowStore rows, final ExpertKernel unitKernel) {
        kernel = unitKernel;
        failure = null;
        reserve(batch.totalRows());
        int at = 0;
        for (int slice = 0; slice < batch.sliceCount(); slice++) {
            final QueuedShard<RouterLink> shard = batch.shard(slice);
            final int first = batch.firstRow(slice);
            for (int i = 0; i < batch.rowCount(slice); i++) {
                rows.get(shard.rowSlot(first + i), input, at);
                at += rowBytes;
            }
        }
    }

    private void reserve(final int rowCount) {
        if (rowCount <= capacityRows) {
            return;
        }
        capacityRows = Math.min(maxRows, Math.max(MIN_ROWS, Integer.highestOneBit(2 * rowCount - 1)));
        inputRows = arena.allocate((long) capacityRows * rowBytes, ALIGNMENT_BYTES);
        resultRows = arena.allocate((long) capacityRows * resultRowBytes, ALIGNMENT_BYTES);
        input.wrap(inputRows.address(), Math.toIntExact(inputRows.byteSize()));
        results.wrap(resultRows.address(), Math.toIntExact(resultRows.byteSize()));
    }

    @Override
    public boolean begin() {
        final ExpertKernel unitKernel = kernel;
        if (unitKernel == null) {
            throw new IllegalStateException("slot was submitted without a kernel");
        }
        computeStartNs = clock.nanoTime();
        call = unitKernel.begin(inputRows, batch.totalRows(), resultRows);
        return poll();
    }

    @Override
    public boolean poll() {
        if (!call.isDone()) {
            return false;
        }
        end();
        state = State.COMPUTED;
        return true;
    }

    /** Its memory is its own, and a kernel stays open while a batch of its unit is in a slot. */
    @Override
    public boolean overlaps() {
        return true;
    }

    private void end() {
        final long endNs = clock.nanoTime();
        computeNs = endNs - computeStartNs;
        busyNs = busy.add(computeStartNs, endNs);
    }

    @Override
    public long expectedNs(final JobTimes times) {
        return times.expertNs(batch.totalRows());
    }

    @Override
    public void failed(final Throwable cause) {
        failure = cause;
        end();
        state = State.FAILED;
    }
}
