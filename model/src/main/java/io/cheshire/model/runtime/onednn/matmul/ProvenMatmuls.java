package io.cheshire.model.runtime.onednn.matmul;

import io.cheshire.model.runtime.onednn.ffi.OneDnnException;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * oneDNN's matmuls of integers by shape and rows of a tile. Each is held against the exact sums of the largest products
 * before it counts: without the instructions for it oneDNN adds pairs in 16 bits, which saturate, and says nothing, or
 * takes its general code, which is exact and takes hundreds of times as long. Numbers in which one is found wrong or
 * slow are used no more.
 */
final class ProvenMatmuls implements AutoCloseable {
    private static final String NOT_WANTED = "not wanted";

    private record Shape(ExactNumbers numbers, int groups, int inputs, int group, int rows) {}

    private final MatmulContext context;
    private final OpenMpTeam alone = new OpenMpTeam(1);
    private final Map<Shape, IntegerMatmul> matmuls = new HashMap<>();
    /** Why numbers aren't used, where they aren't. */
    private final Map<ExactNumbers, String> unused = new EnumMap<>(ExactNumbers.class);

    ProvenMatmuls(final MatmulContext context, final QuantisedKernels kernels) {
        this.context = context;
        switch (kernels) {
            case AUTO, NATIVE, ONEDNN -> {}
            case FP32 -> unused.put(ExactNumbers.BYTES, NOT_WANTED);
            case VECTOR, PLAIN -> giveUp(NOT_WANTED);
        }
    }

    /** Uses oneDNN no more. */
    void giveUp(final String why) {
        for (final ExactNumbers each : ExactNumbers.values()) {
            unused.put(each, why);
        }
    }

    /** Whether such numbers are still used. */
    boolean use(final ExactNumbers numbers) {
        return !unused.containsKey(numbers);
    }

    /**
     * A matmul that is known or proves itself now; null where it doesn't.
     *
     * @param groups of one call
     * @param rows   of a tile
     */
    @Nullable
    IntegerMatmul get(final ExactNumbers numbers, final QuantisedLayout layout, final int groups, final int rows) {
        final Shape shape =
                new Shape(numbers, groups, layout.paddedInputs(), layout.how().group(), rows);
        final IntegerMatmul known = matmuls.get(shape);
        if (known != null) {
            return known;
        }
        alone.prepareCallingThread();
        try {
            final IntegerMatmul made = new IntegerMatmul(
                    context, layout, numbers, groups, rows, context.team().threads());
            matmuls.put(shape, made);
            if (!made.fast()) {
                unused.put(numbers, "it has only general code for it on this processor");
            } else if (!LargestProducts.exact(made, context.stream(), layout, numbers, groups, rows)) {
                unused.put(numbers, "its sums are wrong on this processor");
            } else {
                return made;
            }
        } catch (final OneDnnException refused) {
            if (!refused.unimplemented()) {
                throw refused;
            }
            unused.put(numbers, "it has no such matmul");
        } finally {
            context.team().prepareCallingThread();
        }
        return null;
    }

    /** For people. */
    String description() {
        final StringJoiner why = new StringJoiner(", ");
        for (final ExactNumbers each : ExactNumbers.values()) {
            final String reason = unused.get(each);
            if (reason == null) {
                return each.words() + " for many rows";
            }
            why.add(reason);
        }
        return "no oneDNN, " + why;
    }

    @Override
    public void close() {
        matmuls.values().forEach(IntegerMatmul::close);
        alone.close();
    }
}
