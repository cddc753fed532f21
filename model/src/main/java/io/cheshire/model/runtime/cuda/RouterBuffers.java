package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import io.cheshire.model.runtime.cuda.memory.PinnedMemory;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;

/**
 * Where a step's rows are on their way through a router: one set for all lanes, since their calls take turns, but for
 * the residual stream, which each lane has for itself, on the device.
 */
final class RouterBuffers {
    /** Rows of the head at once; their logits are wide. */
    static final int HEAD_ROWS = 64;
    /** As many lanes as an engine may have. */
    private static final int MOST_LANES = 64;

    private final RouterMemory memory;
    private final int maxRows;
    private final long hidden;
    private final int choices;
    private final Dtype dtype;
    private final IdentityHashMap<LaneBuffers, DeviceBlock> residuals = new IdentityHashMap<>();

    /** Inputs of q, k and v, and of the head: fragments, or fp32 rows. */
    final DeviceBlock normed;
    /** {@code [rows, q | k | v]} fp32. */
    final DeviceBlock qkv;
    /** Inputs of the output projection. */
    final DeviceBlock attended;
    /** {@code [rows, hidden]} fp32: the residual with the last layer's experts. */
    final DeviceBlock combined;
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

    RouterBuffers(final RouterMemory memory, final ModelConfig config, final Dtype dtype, final int maxRows) {
        this.memory = memory;
        this.maxRows = maxRows;
        this.dtype = dtype;
        hidden = config.hiddenSize();
        choices = config.expertsPerToken();
        final long qkvWidth = config.queryWidth() + 2L * config.kvWidth();
        normed = memory.device(inputBytes(config.hiddenSize()), "normed rows");
        qkv = memory.device(maxRows * qkvWidth * Float.BYTES, "projected rows");
        attended = memory.device(inputBytes(config.queryWidth()), "attended rows");
        combined = memory.device(maxRows * hidden * Float.BYTES, "combined rows");
        numbers = memory.pinned((long) maxRows * Integer.BYTES);
        results = memory.pinned(maxRows * hidden * choices * Float.BYTES);
        weights = memory.pinned((long) maxRows * choices * Float.BYTES);
        dispatch = memory.pinned(maxRows * hidden * dtype.bytes());
        gateLogits = memory.pinned((long) maxRows * config.expertCount() * Float.BYTES);
        logits = memory.pinned((long) Math.min(maxRows, HEAD_ROWS) * config.vocabSize() * Float.BYTES);
    }

    private long inputBytes(final int width) {
        return dtype == Dtype.BF16
                ? Tiling.paddedRows(maxRows) * Tiling.padded(width) * Short.BYTES
                : (long) maxRows * width * Float.BYTES;
    }

    /** Makes room for a lane that begins a step; the address of its residual stream. */
    long begin(final LaneBuffers lane) {
        final DeviceBlock known = residuals.get(lane);
        if (known != null) {
            return known.address();
        }
        if (residuals.size() == MOST_LANES) {
            throw new IllegalStateException("a router's kernel serves " + MOST_LANES + " lanes, and this is one more");
        }
        final DeviceBlock residual = memory.device(maxRows * hidden * Float.BYTES, "a lane's residual stream");
        residuals.put(lane, residual);
        return residual.address();
    }

    /** The address of the residual stream of a lane that has begun a step. */
    long residual(final LaneBuffers lane) {
        final DeviceBlock known = residuals.get(lane);
        if (known == null) {
            throw new IllegalStateException("the lane has begun no step: embed comes first");
        }
        return known.address();
    }

    /** Copies what experts gave for the first rows, and the weights. */
    void takeResults(final LaneBuffers lane, final int rows) {
        MemorySegment.copy(lane.results, 0, results.segment(), 0, rows * resultBytes());
        MemorySegment.copy(lane.weights, 0, weights.segment(), JAVA_FLOAT, 0, rows * choices);
    }

    /** The same of one row, to another place. */
    void takeResultsOf(final LaneBuffers lane, final int row, final int place) {
        MemorySegment.copy(lane.results, row * resultBytes(), results.segment(), place * resultBytes(), resultBytes());
        MemorySegment.copy(
                lane.weights,
                row * choices,
                weights.segment(),
                JAVA_FLOAT,
                (long) place * choices * Float.BYTES,
                choices);
    }

    private long resultBytes() {
        return choices * hidden * Float.BYTES;
    }
}
