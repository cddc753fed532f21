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
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(view.data().getAtIndex(SHORT, i));
                }
            }
        }
        return values;
    }
}
