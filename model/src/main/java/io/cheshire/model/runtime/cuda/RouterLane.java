package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.cheshire.model.core.gate.Gate;
import io.cheshire.model.core.gate.Gates;
import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import io.cheshire.model.runtime.cuda.memory.PinnedMemory;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A lane on the device: its residual stream, the pinned memory through which its calls go, and the one that is under
 * way. What lanes don't share they needn't take turns for: the GPU computes one lane while the device's thread routes,
 * samples or copies another. Device thread.
 */
final class RouterLane implements KernelCall {
    /** Queues the last norm and the head for some of the rows whose logits are asked for. */
    interface Head {
        void queue(RouterLane lane, int from, int count);
    }

    private enum Work {
        NOTHING,
        EMBEDDING,
        LAYER,
        LOGITS
    }

    private final CudaKernels kernels;
    private final Head head;
    private final Gate gate;
    private final int experts;
    private final int choices;
    private final long rowBytes;
    private final long resultBytes;
    private final long logitsBytes;
    private final float[] gateNumbers;

    final DeviceBlock residual;
    final StepTables tables;
    /** {@code [rows]}: tokens, or rows whose logits are asked for. */
    final PinnedMemory numbers;
    /** {@code [rows, choices, hidden]} fp32. */
    final PinnedMemory results;
    /** {@code [rows, choices]} fp32. */
    final PinnedMemory weights;
    /** {@code [rows, hidden]} in the format of dispatched rows. */
    final PinnedMemory dispatch;
    /** {@code [rows, experts]} fp32. */
    final PinnedMemory gateLogits;
    /** {@code [HEAD_ROWS, vocabulary]} fp32. */
    final PinnedMemory logits;

    private Work work = Work.NOTHING;
    private @Nullable LaneBuffers buffers;
    private int rows;
    /** Rows whose logits are there. */
    private int doneRows;

    /** Rows of the head that are under way. */
    private int blockRows;

    private int ticket;

    RouterLane(
            final RouterMemory memory,
            final ModelConfig config,
            final Dtype dtype,
            final RouterCache cache,
            final int maxRows,
            final Head head) {
        this.kernels = memory.kernels();
        this.head = head;
        gate = Gates.of(config);
        experts = config.expertCount();
        choices = config.expertsPerToken();
        final long hidden = config.hiddenSize();
        rowBytes = hidden * dtype.bytes();
        resultBytes = choices * hidden * Float.BYTES;
        logitsBytes = (long) config.vocabSize() * Float.BYTES;
        gateNumbers = new float[Math.multiplyExact(maxRows, experts)];
        residual = memory.device(maxRows * hidden * Float.BYTES, "a lane's residual stream");
        tables = new StepTables(memory, config, cache, maxRows);
        numbers = memory.pinned((long) maxRows * Integer.BYTES);
        results = memory.pinned(maxRows * resultBytes);
        weights = memory.pinned((long) maxRows * choices * Float.BYTES);
        dispatch = memory.pinned(maxRows * rowBytes);
        gateLogits = memory.pinned((long) gateNumbers.length * Float.BYTES);
        logits = memory.pinned(Math.min(maxRows, RouterBuffers.HEAD_ROWS) * logitsBytes);
    }

    /** What was queued for this lane must have ended before its memory is used again; of a failed call, too. */
    private void begin(final Work next) {
        final boolean goesOn = work == Work.EMBEDDING && next == Work.LAYER;
        if (work != Work.NOTHING && !goesOn) {
            kernels.stream().await(kernels.stream().ticket());
        }
        work = next;
    }

    /** Takes the tokens of a step. */
    void beginEmbedding(final StepBatch batch) {
        begin(Work.EMBEDDING);
        MemorySegment.copy(batch.tokenIds, 0, numbers.segment(), JAVA_INT, 0, batch.rowCount);
    }

    /** Takes what a layer needs; {@link #queued} follows. */
    void beginLayer(final StepBatch batch, final LaneBuffers lane, final boolean combines) {
        begin(Work.LAYER);
        buffers = lane;
        rows = batch.rowCount;
        if (combines) {
            MemorySegment.copy(lane.results, 0, results.segment(), 0, rows * resultBytes);
            MemorySegment.copy(lane.weights, 0, weights.segment(), JAVA_FLOAT, 0, rows * choices);
        }
        tables.fill(batch);
    }

    /** Begins to compute the logits asked for. */
    KernelCall beginLogits(final StepBatch batch, final LaneBuffers lane) {
        begin(Work.LOGITS);
        buffers = lane;
        rows = batch.logitsRowCount;
        doneRows = 0;
        MemorySegment.copy(batch.logitsRows, 0, numbers.segment(), JAVA_INT, 0, rows);
        for (int i = 0; i < rows; i++) {
            final int row = batch.logitsRows[i];
            MemorySegment.copy(lane.results, row * resultBytes, results.segment(), i * resultBytes, resultBytes);
            final long at = (long) i * choices * Float.BYTES;
            MemorySegment.copy(lane.weights, row * choices, weights.segment(), JAVA_FLOAT, at, choices);
        }
        queueHead();
        return this;
    }

    private void queueHead() {
        blockRows = Math.min(RouterBuffers.HEAD_ROWS, rows - doneRows);
        head.queue(this, doneRows, blockRows);
        queued();
    }

    /** The call that all that was queued for it makes up. */
    KernelCall queued() {
        ticket = kernels.stream().ticket();
        return this;
    }

    @Override
    public boolean isDone() {
        if (!kernels.stream().isDone(ticket)) {
            return false;
        }
        final LaneBuffers lane = buffers;
        if (lane == null || work == Work.NOTHING || work == Work.EMBEDDING) {
            throw new IllegalStateException("no call of this lane is under way");
        }
        if (work == Work.LAYER) {
            route(lane);
        } else {
            kernels.testNowAndThen(); // before anybody draws a token from them
            final MemorySegment from = logits.segment();
            MemorySegment.copy(from, 0, lane.logits, doneRows * logitsBytes, blockRows * logitsBytes);
            doneRows += blockRows;
            if (doneRows < rows) {
                queueHead();
                return false;
            }
        }
        work = Work.NOTHING;
        return true;
    }

    private void route(final LaneBuffers lane) {
        MemorySegment.copy(dispatch.segment(), 0, lane.dispatchRows, 0, rows * rowBytes);
        MemorySegment.copy(gateLogits.segment(), JAVA_FLOAT, 0, gateNumbers, 0, rows * experts);
        for (int row = 0; row < rows; row++) {
            gate.route(gateNumbers, row * experts, lane.experts, lane.weights, row * choices);
        }
    }

    /** Waits for the call. */
    void await() {
        do {
            kernels.stream().await(ticket);
        } while (!isDone());
    }
}
