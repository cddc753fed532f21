package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import io.cheshire.model.runtime.onednn.simd.QuantisedRows;
import java.lang.foreign.MemorySegment;

/** All products as large as they can be, signs by row and output: sums of 16 bits can't hold two of them. */
final class LargestProducts {
    private static final byte MOST = 127;

    private LargestProducts() {}

    /** Whether a matmul adds them exactly. The calling thread is its only one. */
    static boolean exact(
            final IntegerMatmul matmul,
            final long stream,
            final QuantisedLayout layout,
            final ExactNumbers numbers,
            final int groups,
            final int rows) {
        final int inputs = layout.paddedInputs();
        final long weights = (long) groups * layout.how().group() * QuantisedLayout.PANEL;
        final long count = (long) groups * rows * QuantisedLayout.PANEL;
        try (NativeBuffer src = NativeBuffer.allocate((long) rows * inputs * Float.BYTES);
                NativeBuffer panel = NativeBuffer.allocate(weights * Float.BYTES);
                NativeBuffer to = NativeBuffer.allocate(count * Integer.BYTES);
                NativeBuffer own = NativeBuffer.allocate(matmul.scratchBytes())) {
            for (long i = 0; i < (long) rows * inputs; i++) {
                putRow(src.segment(), i, sign(i / inputs), numbers);
            }
            for (long i = 0; i < weights; i++) {
                putWeight(panel.segment(), i, numbers);
            }
            matmul.execute(0, stream, src.address(), panel.address(), to.address(), own.address());
            for (long i = 0; i < count; i++) {
                final int x = sign(i / QuantisedLayout.PANEL % rows);
                if (sum(to.segment(), i, numbers, layout.how().group())
                        != layout.how().group() * x * sign(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static int sign(final long index) {
        return index % 2 == 0 ? MOST : -MOST;
    }

    private static void putRow(final MemorySegment to, final long i, final int x, final ExactNumbers numbers) {
        switch (numbers) {
            case BYTES -> to.set(JAVA_BYTE, i, (byte) (x + QuantisedRows.UNSIGNED_OFFSET));
            case FLOATS -> to.setAtIndex(JAVA_FLOAT, i, x);
        }
    }

    private static void putWeight(final MemorySegment to, final long i, final ExactNumbers numbers) {
        switch (numbers) {
            case BYTES -> to.set(JAVA_BYTE, i, (byte) sign(i / 4));
            case FLOATS -> to.setAtIndex(JAVA_FLOAT, i, sign(i));
        }
    }

    /** The sum over rows with their signs. */
    private static int sum(final MemorySegment from, final long i, final ExactNumbers numbers, final int group) {
        return switch (numbers) {
            case BYTES -> from.getAtIndex(JAVA_INT, i) - QuantisedRows.UNSIGNED_OFFSET * group * sign(i);
            case FLOATS -> (int) from.getAtIndex(JAVA_FLOAT, i);
        };
    }
}
