package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import io.cheshire.model.runtime.cuda.stream.CudaKernel;
import io.cheshire.model.runtime.cuda.stream.DeviceStream;
import io.cheshire.model.runtime.cuda.stream.KernelArgs;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.LongStream;

/** The expert FFN on a GPU (docs/model.md §3): rows packed, w1 and w3 with SwiGLU in one kernel, w2 in another. */
final class CudaExpertKernel implements ExpertKernel {
    private final CudaKernels kernels;
    private final Dtype dtype;
    private final int hidden;
    private final int ffn;
    private final int maxRows;
    /** bf16: fragments of w1 over w3, and of w2. fp32: w1 and then w3 as they are, and w2. */
    private final DeviceBlock gateUp;

    private final DeviceBlock down;

    CudaExpertKernel(
            final CudaKernels kernels,
            final int hidden,
            final int ffn,
            final Dtype dtype,
            final UnitWeights weights,
            final int maxRows) {
        this.kernels = kernels;
        this.dtype = dtype;
        this.hidden = hidden;
        this.ffn = ffn;
        this.maxRows = maxRows;
        requireShape(weights.w1(), ffn, hidden);
        requireShape(weights.w2(), hidden, ffn);
        requireShape(weights.w3(), ffn, hidden);
        final String what =
                "layer " + weights.key().layer() + " expert " + weights.key().expert();
        kernels.reserve(Math.min(maxRows, ExpertBuffers.MAX_BLOCK_ROWS), hidden, ffn, dtype);
        final boolean packs = dtype == Dtype.BF16;
        final long matrix = packs ? Tiling.padded(ffn) * Tiling.padded(hidden) : (long) ffn * hidden;
        gateUp = new DeviceBlock(kernels.context(), 2 * matrix * dtype.bytes(), what);
        DeviceBlock second = null;
        try {
            second = new DeviceBlock(kernels.context(), matrix * dtype.bytes(), what);
            down = second;
            if (packs) {
                pack(weights, what);
            } else {
                kernels.staging().upload(weights.w1(), dtype, gateUp.address());
                kernels.staging().upload(weights.w3(), dtype, gateUp.address() + matrix * dtype.bytes());
                kernels.staging().upload(weights.w2(), dtype, down.address());
            }
            kernels.stream().await(kernels.stream().ticket());
        } catch (final RuntimeException | Error failure) {
            kernels.settle();
            if (second != null) {
                second.close();
            }
            gateUp.close();
            throw failure;
        }
    }

    static void requireShape(final TensorView view, final long... shape) {
        final List<Long> expected = LongStream.of(shape).boxed().toList();
        if (!view.shape().equals(expected)
                || view.data().byteSize()
                        != Math.multiplyExact(
                                view.elementCount(), (long) view.dtype().bytes())) {
            throw new IllegalArgumentException(view.name() + " is " + view.dtype() + view.shape() + " in "
                    + view.data().byteSize() + " bytes; the config asks for " + expected);
        }
    }

    /** Raw to the device, then permuted there. */
    private void pack(final UnitWeights weights, final String what) {
        final long matrixBytes = (long) ffn * hidden * dtype.bytes();
        try (DeviceBlock first = new DeviceBlock(kernels.context(), matrixBytes, what);
                DeviceBlock second = new DeviceBlock(kernels.context(), matrixBytes, what)) {
            try {
                pack(weights, first, second);
            } finally {
                kernels.settle(); // half-way, too, what was queued still uses them
            }
        }
    }

    private void pack(final UnitWeights weights, final DeviceBlock first, final DeviceBlock second) {
        kernels.staging().upload(weights.w1(), dtype, first.address());
        kernels.staging().upload(weights.w3(), dtype, second.address());
        kernels.stream()
                .launch(
                        CudaKernel.PACK_GATE_UP,
                        2 * Tiling.steps(ffn),
                        1,
                        kernels.args()
                                .address(first.address())
                                .address(second.address())
                                .address(gateUp.address())
                                .number(ffn)
                                .number(hidden));
        kernels.staging().upload(weights.w2(), dtype, first.address());
        kernels.stream()
                .launch(
                        CudaKernel.PACK_LINEAR,
                        Tiling.steps(hidden),
                        1,
                        kernels.args()
                                .address(first.address())
                                .address(down.address())
                                .number(hidden)
                                .number(ffn));
    }

    @Override
    public Dtype inputDtype() {
        return dtype;
    }

    @Override
    public long weightBytes() {
        return gateUp.bytes() + down.bytes();
    }

    @Override
    public void forward(final MemorySegment rows, final int rowCount, final MemorySegment results) {
        compute(kernels.freeCall(), rows, rowCount, results);
    }

    @Override
    public KernelCall begin(final MemorySegment rows, final int rowCount, final MemorySegment results) {
        return begin(kernels.freeCall(), rows, rowCount, results);
    }

    /** By a place of the caller's, and to the end. */
    void compute(final ExpertCall call, final MemorySegment rows, final int rowCount, final MemorySegment results) {
        begin(call, rows, rowCount, results).await();
    }

    private ExpertCall begin(
            final ExpertCall call, final MemorySegment rows, final int rowCount, final MemorySegment results) {
        if (rowCount < 1 || rowCount > maxRows) {
            throw new IllegalArgumentException("rowCount " + rowCount + " is not in 1 .. " + maxRows);
        }
        requireBlock(rows, rowBytes() * rowCount, "rows");
        requireBlock(results, resultBytes() * rowCount, "results");
        kernels.context().requireAlive();
        call.begin(this, rows, rowCount, results);
        return call;
    }

    /** Of one row as it comes in. */
    long rowBytes() {
        return (long) hidden * dtype.bytes();
    }

    /** Of one row of results. */
    long resultBytes() {
        return (long) hidden * Float.BYTES;
    }

    private static void requireBlock(final MemorySegment block, final long bytes, final String what) {
        if (!block.isNative() || block.byteSize() < bytes) {
            throw new IllegalArgumentException(
                    what + " must be off-heap and hold " + bytes + " bytes, but hold " + block.byteSize());
        }
    }

    /** Queues the kernels for a block of rows. */
    void queue(final DeviceStream stream, final KernelArgs args, final ExpertBuffers buffers, final int count) {
        if (dtype == Dtype.BF16) {
            queueBf16(stream, args, buffers, count);
        } else {
            queueFp32(stream, args, buffers, count);
        }
    }

    private void queueBf16(
            final DeviceStream stream, final KernelArgs args, final ExpertBuffers buffers, final int count) {
        final Tiling tiling = Tiling.of(count);
        final int rowBlocks = Math.ceilDiv(count, tiling.rows);
        args.clear()
                .address(buffers.rows().deviceAddress())
                .address(buffers.packed().address())
                .number(count)
                .number(hidden);
        stream.launch(CudaKernel.PACK_ROWS, Math.ceilDiv(count, Tiling.ROW_TILE), 1, args);
        args.clear()
                .address(gateUp.address())
                .address(buffers.packed().address())
                .address(buffers.activated().address())
                .number(count)
                .number(hidden)
                .number(ffn);
        stream.launch(tiling.gateUp, Math.ceilDiv(2 * Tiling.steps(ffn), tiling.gateUpTiles), rowBlocks, args);
        args.clear()
                .address(down.address())
                .address(buffers.activated().address())
                .address(buffers.results().deviceAddress())
                .number(count)
                .number(ffn)
                .number(hidden);
        stream.launch(tiling.down, Math.ceilDiv(Tiling.steps(hidden), tiling.downTiles), rowBlocks, args);
    }

    private void queueFp32(
            final DeviceStream stream, final KernelArgs args, final ExpertBuffers buffers, final int count) {
        args.clear()
                .address(gateUp.address())
                .address(gateUp.address() + (long) ffn * hidden * dtype.bytes())
                .address(buffers.rows().deviceAddress())
                .address(buffers.activated().address())
                .number(hidden)
                .number(ffn);
        stream.launch(CudaKernel.GATE_UP_F32, ffn, count, args);
        args.clear()
                .address(down.address())
                .address(buffers.activated().address())
                .address(buffers.results().deviceAddress())
                .number(ffn)
                .number(hidden);
        stream.launch(CudaKernel.DOWN_F32, hidden, count, args);
    }

    @Override
    public void close() {
        gateUp.close();
        down.close();
    }
}
