package io.cheshire.model.core.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Reads tensors element by element. For the reference and for tests; fast kernels read the bytes themselves. */
public final class Tensors {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Tensors() {}

    /** One row of a matrix, as many numbers as {@code to} holds; exact for every format. */
    public static void readRow(final TensorView view, final long row, final float[] to) {
        final long first = row * to.length;
        for (int i = 0; i < to.length; i++) {
            to[i] = switch (view.dtype()) {
                case F32 -> view.data().getAtIndex(FLOAT, first + i);
                case BF16 -> Bf16.toFloat(view.data().getAtIndex(SHORT, first + i));
                case F16 -> Float.float16ToFloat(view.data().getAtIndex(SHORT, first + i));
                case I8, I4X2 -> throw view.quantised();
            };
        }
    }

    /**
     * Copies a tensor into a new array as fp32; exact for every format.
     *
     * @param shape what the caller computes with; another shape is an {@link IllegalArgumentException}
     */
    public static float[] toFloats(final TensorView view, final long... shape) {
        final List<Long> expected = new ArrayList<>();
        for (final long dimension : shape) {
            expected.add(dimension);
        }
        final long elements = view.elementCount();
        if (!view.shape().equals(expected)
                || view.data().byteSize()
                        != Math.multiplyExact(elements, view.dtype().bytes())) {
            throw new IllegalArgumentException(view.name() + " is " + view.dtype() + view.shape() + " in "
                    + view.data().byteSize() + " bytes; the config asks for " + expected);
        }
        final float[] values = new float[Math.toIntExact(elements)];
        switch (view.dtype()) {
            case F32 -> MemorySegment.copy(view.data(), FLOAT, 0, values, 0, values.length);
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Bf16.toFloat(view.data().getAtIndex(SHORT, i));
                }
            }
            case I8, I4X2 -> throw view.quantised();
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(view.data().getAtIndex(SHORT, i));
                }
            }
        }
        return values;
    }
}
