package io.cheshire.model.core.checkpoint;

import java.util.List;

/**
 * A tensor that a config asks for.
 *
 * @param name  its name
 * @param shape its dimensions
 * @param part  what it belongs to
 */
public record TensorSpec(String name, List<Long> shape, Part part) {
    /** Which node needs the tensor. */
    public enum Part {
        /** The router's: everything that is not an expert. */
        ROUTER,
        /** An expert node holds it. */
        EXPERT
    }

    public TensorSpec {
        shape = List.copyOf(shape);
    }

    static TensorSpec router(final String name, final long... shape) {
        return new TensorSpec(name, boxed(shape), Part.ROUTER);
    }

    static TensorSpec expert(final String name, final long... shape) {
        return new TensorSpec(name, boxed(shape), Part.EXPERT);
    }

    /** Number of elements. */
    public long elementCount() {
        return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    }

    private static List<Long> boxed(final long... shape) {
        return java.util.Arrays.stream(shape).boxed().toList();
    }
}
