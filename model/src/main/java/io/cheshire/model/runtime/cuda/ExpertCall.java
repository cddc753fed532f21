package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import io.cheshire.model.runtime.cuda.stream.DeviceStream;
import io.cheshire.model.runtime.cuda.stream.KernelArgs;
import io.cheshire.model.runtime.cuda.stream.KernelModule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A place for one call of an expert on its way through the device, with a stream and memory of its own: so the rows of
 * one call are read over the bus, another computes, and the results of a third are written back, all at once. Made once
 * and used again and again. Device thread.
 */
final class ExpertCall implements KernelCall {
    private final DeviceContext context;
    private final DeviceStream stream;
    private final KernelArgs args;
    private final Runnable proof;
    private @Nullable ExpertBuffers buffers;
    private @Nullable CudaExpertKernel expert;
    private MemorySegment rows = MemorySegment.NULL;
    private MemorySegment results = MemorySegment.NULL;
    private int rowCount;
    /** Rows whose results are there. */
    private int doneRows;

    /** Rows of the block that is under way. */
    private int blockRows;

    private int ticket;

    /** @param proof called between the end of a block and the taking of its results; throws if they can't be trusted */
    ExpertCall(
            final DeviceContext context,
            final KernelModule module,
            final Arena arena,
            final long hangTimeoutNs,
            final NanoClock clock,
            final Runnable proof) {
        this.proof = proof;
        this.context = context;
        // Before loads, whose stream has priority 0: a request waits for a call.
        stream = new DeviceStream(context, module, -1, hangTimeoutNs, clock);
        args = new KernelArgs(arena);
    }

    boolean isFree() {
        return expert == null;
    }

    /** Makes room for blocks of rows; nothing may be under way. */
    void reserve(final int blockRowCount, final int hidden, final int ffn, final Dtype dtype) {
        final ExpertBuffers old = buffers;
        if (old != null && old.hold(blockRowCount, hidden, ffn, dtype)) {
            return;
        }
        buffers = ExpertBuffers.of(context, blockRowCount, hidden, ffn, dtype);
        if (old != null) {
            old.close();
        }
    }

    /** Begins a call whose sizes were checked. */
    void begin(
            final CudaExpertKernel called,
            final MemorySegment callRows,
            final int callRowCount,
            final MemorySegment callResults) {
        context.enter();
        expert = called;
        rows = callRows;
        rowCount = callRowCount;
        results = callResults;
        doneRows = 0;
        queueBlock(called);
    }

    private void queueBlock(final CudaExpertKernel called) {
        try {
            final ExpertBuffers own = buffers();
            blockRows = Math.min(ExpertBuffers.MAX_BLOCK_ROWS, rowCount - doneRows);
            final long rowBytes = called.rowBytes();
            MemorySegment.copy(rows, doneRows * rowBytes, own.rows().segment(), 0, blockRows * rowBytes);
            called.queue(stream, args, own, blockRows);
            ticket = stream.ticket();
        } catch (final RuntimeException | Error failure) {
            expert = null;
            throw failure;
        }
    }

    @Override
    public boolean isDone() {
        final CudaExpertKernel called = expert;
        if (called == null) {
            throw new IllegalStateException("no call is under way here");
        }
        if (!stream.isDone(ticket)) {
            return false;
        }
        proof.run();
        final long resultBytes = called.resultBytes();
        MemorySegment.copy(buffers().results().segment(), 0, results, doneRows * resultBytes, blockRows * resultBytes);
        doneRows += blockRows;
        if (doneRows < rowCount) {
            queueBlock(called);
            return false;
        }
        expert = null;
        return true;
    }

    /** Waits for it. */
    void await() {
        do {
            stream.await(ticket);
        } while (!isDone());
    }

    ExpertBuffers buffers() {
        final ExpertBuffers reserved = buffers;
        if (reserved == null) {
            throw new IllegalStateException("no expert was loaded");
        }
        return reserved;
    }

    /** Waits for what is under way: the device writes into memory that is given back here. */
    void close() {
        if (!context.isLost() && expert != null) {
            stream.await(ticket);
        }
        if (buffers != null) {
            buffers.close();
        }
        stream.close();
    }
}
