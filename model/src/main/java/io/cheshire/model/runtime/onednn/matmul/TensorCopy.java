package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.simd.PanelRows;
import io.cheshire.model.runtime.onednn.simd.Rows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Copies a checkpoint's tensor into native memory, in the format that a kernel computes with. */
public final class TensorCopy {
    private static final int CHUNK_ELEMENTS = 1 << 16;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private TensorCopy() {}

    /** A new buffer with the tensor in {@code dtype}; the caller closes it. */
    public static NativeBuffer load(final TensorView view, final Dtype dtype, final long... shape) {
        requireShape(view, shape);
        final NativeBuffer buffer = NativeBuffer.allocate(Math.multiplyExact(view.elementCount(), dtype.bytes()));
        try {
            copy(view, buffer.segment(), 0, dtype);
        } catch (final RuntimeException | Error failure) {
            buffer.close();
            throw failure;
        }
        return buffer;
    }

    /** Refuses a tensor whose shape or byte count is not what the config asks for. */
    public static void requireShape(final TensorView view, final long... shape) {
        boolean same = view.shape().size() == shape.length;
        for (int i = 0; same && i < shape.length; i++) {
            final boolean halves = view.dtype() == Dtype.I4X2 && i == shape.length - 1;
            same = view.shape().get(i) == (halves ? Math.ceilDiv(shape[i], 2) : shape[i]);
        }
        if (!same
                || view.data().byteSize()
                        != Math.multiplyExact(view.elementCount(), view.dtype().bytes())) {
            throw new IllegalArgumentException(view.name() + " is " + view.dtype() + view.shape() + " in "
                    + view.data().byteSize() + " bytes; the config asks for " + java.util.Arrays.toString(shape));
        }
    }

    /** One row of a matrix as floats, as many as {@code to} holds. */
    static void readRow(final TensorView view, final long row, final float[] to) {
        final int n = to.length;
        final long from = Math.multiplyExact(row * n, view.dtype().bytes());
        switch (view.dtype()) {
            case F32 -> MemorySegment.copy(view.data(), FLOAT, from, to, 0, n);
            case BF16 -> PanelRows.widen(view.data().address() + from, to, 0, 1, n);
            case I8, I4X2 -> throw view.quantised();
            case F16 -> {
                for (int i = 0; i < n; i++) {
                    to[i] = Float.float16ToFloat(view.data().get(HALF, from + (long) i * Short.BYTES));
                }
            }
        }
    }

    /** Writes all elements to {@code to} from byte {@code offset} on. bf16 is rounded to nearest even. */
    static void copy(final TensorView view, final MemorySegment to, final long offset, final Dtype dtype) {
        copy(view, 0, view.elementCount(), to, offset, dtype);
    }

    /** The same of {@code count} elements from {@code first} on. */
    public static void copy(
            final TensorView view,
            final long first,
            final long count,
            final MemorySegment to,
            final long offset,
            final Dtype dtype) {
        if (view.dtype() == dtype) {
            MemorySegment.copy(view.data(), first * dtype.bytes(), to, offset, count * dtype.bytes());
            return;
        }
        if (dtype != Dtype.BF16 && dtype != Dtype.F32) {
            throw new IllegalArgumentException(view.name() + " can't be converted to " + dtype + ": kernels compute in "
                    + Dtype.BF16 + " and " + Dtype.F32);
        }
        try (NativeBuffer floats = NativeBuffer.allocate((long) CHUNK_ELEMENTS * Float.BYTES);
                NativeBuffer halves = NativeBuffer.allocate((long) CHUNK_ELEMENTS * Short.BYTES)) {
            for (long done = 0; done < count; done += CHUNK_ELEMENTS) {
                final int n = (int) Math.min(CHUNK_ELEMENTS, count - done);
                readFloats(view, first + done, n, floats, halves);
                final long target = offset + done * dtype.bytes();
                if (dtype == Dtype.BF16) {
                    Rows.toBf16(floats.address(), halves.address(), n);
                    MemorySegment.copy(halves.segment(), 0, to, target, (long) n * Short.BYTES);
                } else {
                    MemorySegment.copy(floats.segment(), 0, to, target, (long) n * Float.BYTES);
                }
            }
        }
    }

    private static void readFloats(
            final TensorView view,
            final long first,
            final int n,
            final NativeBuffer floats,
            final NativeBuffer halves) {
        final long from = first * view.dtype().bytes();
        final long bytes = (long) n * view.dtype().bytes();
        switch (view.dtype()) {
            case F32 -> MemorySegment.copy(view.data(), from, floats.segment(), 0, bytes);
            case BF16 -> {
                MemorySegment.copy(view.data(), from, halves.segment(), 0, bytes);
                Rows.fromBf16(halves.address(), floats.address(), n);
            }
            case I8, I4X2 -> throw view.quantised();
            case F16 -> {
                final MemorySegment out = floats.segment();
                for (int i = 0; i < n; i++) {
                    final short bits = view.data().get(HALF, from + (long) i * Short.BYTES);
                    out.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.float16ToFloat(bits));
                }
            }
        }
    }
}
