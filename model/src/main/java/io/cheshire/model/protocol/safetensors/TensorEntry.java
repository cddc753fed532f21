package io.cheshire.model.protocol.safetensors;

import java.util.List;

/**
 * One tensor of a checked header.
 *
 * @param name  tensor name
 * @param dtype element format
 * @param shape dimensions; empty for a scalar
 * @param begin first byte, counted from the start of the data buffer
 * @param end   byte after the last one
 */
public record TensorEntry(String name, StoredDtype dtype, List<Long> shape, long begin, long end) {
    public TensorEntry {
        shape = List.copyOf(shape);
    }

    /** Bytes of the tensor. */
    public long byteCount() {
        return end - begin;
    }
}
