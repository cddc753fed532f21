package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor in place: no copy, row-major, little-endian, possibly unaligned. Valid as long as the checkpoint it came
 * from is open; reading it later throws.
 *
 * @param name  tensor name, or the name of the fused tensor that it is a slice of
 * @param dtype element format
 * @param shape dimensions
 * @param data  exactly {@code product(shape) * dtype.bytes()} bytes, read-only
 */
public record TensorView(String name, Dtype dtype, List<Long> shape, MemorySegment data) {
    public TensorView {
        shape = List.copyOf(shape);
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
