package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Quantisation;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A tensor in place: no copy, row-major, little-endian, possibly unaligned. Valid as long as the checkpoint it came
 * from is open; reading it later throws.
 *
 * @param name  tensor name, or the name of the fused tensor that it is a slice of
 * @param dtype element format
 * @param shape dimensions
 * @param data  exactly {@code product(shape) * dtype.bytes()} bytes, read-only
 * @param groups what makes numbers of integers; null for a tensor of numbers
 */
public record TensorView(
        String name,
        Dtype dtype,
        List<Long> shape,
        MemorySegment data,
        @Nullable Groups groups) {
    /**
     * Of a quantised matrix.
     *
     * @param how    it was quantised
     * @param scales {@code [outputs, groups]} in bf16
     */
    public record Groups(Quantisation how, TensorView scales) {}

    public TensorView {
        shape = List.copyOf(shape);
    }

    public TensorView(final String name, final Dtype dtype, final List<Long> shape, final MemorySegment data) {
        this(name, dtype, shape, data, null);
    }

    /** Itself and its scales. */
    public Stream<TensorView> withScales() {
        return groups == null ? Stream.of(this) : Stream.of(this, groups.scales());
    }

    /** Refuses to be read as numbers. */
    public IllegalArgumentException quantised() {
        return new IllegalArgumentException(name + " holds quantised weights (" + dtype
                + "): they can only be multiplied in the precision that they were written in");
    }

    /** Number of elements. */
    public long elementCount() {
        long count = 1;
        for (final long dimension : shape) {
            count = Math.multiplyExact(count, dimension);
        }
        return count;
    }
}
