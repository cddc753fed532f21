package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import java.lang.foreign.MemorySegment;

/**
 * oneDNN's product of rows of integers with a panel of weights into exact sums, the groups of inputs being the batch.
 * Compiled for one thread; run by every thread of the team at once, each with arguments of its own.
 */
final class IntegerMatmul implements AutoCloseable {
    private static final int SRC = 0;
    private static final int WEIGHTS = 1;
    private static final int DST = 2;
    private static final int SCRATCHPAD = 3;
    private static final int ARGUMENTS = 4;
    private static final long POINTER_OFFSET = 8;
    /** How the names of oneDNN's general code begin, which takes hundreds of times as long. */
    private static final String REFERENCE = "ref";

    private final long primitive;
    private final long scratchBytes;
    private final long[][] memories;
    private final NativeBuffer args;
    private final boolean fast;

    /**
     * @param groups  of one call
     * @param rows    of a tile
     * @param threads that may run it at once
     * @throws io.cheshire.model.runtime.onednn.ffi.OneDnnException oneDNN has no such matmul
     */
    IntegerMatmul(
            final MatmulContext context,
            final QuantisedLayout layout,
            final ExactNumbers numbers,
            final int groups,
            final int rows,
            final int threads) {
        final int group = layout.how().group();
        final long src = Dnnl.createStretches(groups, rows, group, layout.paddedInputs(), numbers.rowType());
        final long weights =
                Dnnl.createBatch(groups, group, QuantisedLayout.PANEL, numbers.weightType(), numbers.weightLayout());
        final long dst = Dnnl.createBatch(groups, rows, QuantisedLayout.PANEL, numbers.sumType(), Dnnl.LAYOUT_BATCH);
        final long attributes = Dnnl.createUserScratchpadAttributes();
        long description = 0;
        try {
            description = Dnnl.createMatmul(context.engine(), src, weights, 0, dst, attributes);
            fast = !Dnnl.implementation(description).startsWith(REFERENCE);
            final long scratchpad = Dnnl.queryDescription(description, Dnnl.QUERY_SCRATCHPAD);
            primitive = Dnnl.createPrimitive(description);
            scratchBytes = Dnnl.bytesOf(scratchpad);
            memories = new long[threads][];
            for (int worker = 0; worker < threads; worker++) {
                memories[worker] = new long[] {
                    Dnnl.createMemory(src, context.engine(), 0),
                    Dnnl.createMemory(weights, context.engine(), 0),
                    Dnnl.createMemory(dst, context.engine(), 0),
                    Dnnl.createMemory(scratchpad, context.engine(), 0)
                };
            }
        } finally {
            if (description != 0) {
                Dnnl.destroyPrimitiveDescription(description);
            }
            Dnnl.destroyAttributes(attributes);
            Dnnl.destroyDescription(src);
            Dnnl.destroyDescription(weights);
            Dnnl.destroyDescription(dst);
        }
        args = NativeBuffer.allocate((long) threads * ARGUMENTS * Dnnl.EXEC_ARG_BYTES);
        final int[] kinds = {Dnnl.ARG_SRC, Dnnl.ARG_WEIGHTS, Dnnl.ARG_DST, Dnnl.ARG_SCRATCHPAD};
        final MemorySegment list = args.segment();
        for (int i = 0; i < threads * ARGUMENTS; i++) {
            final long at = (long) i * Dnnl.EXEC_ARG_BYTES;
            list.set(JAVA_INT, at, kinds[i % ARGUMENTS]);
            list.set(JAVA_LONG, at + POINTER_OFFSET, memories[i / ARGUMENTS][i % ARGUMENTS]);
        }
    }

    /** Bytes of scratch that {@link #execute} needs of each thread. */
    long scratchBytes() {
        return scratchBytes;
    }

    /** Whether oneDNN has code of its own for it on this processor. */
    boolean fast() {
        return fast;
    }

    /**
     * @param src   address of the tile's rows
     * @param panel address of the panel's weights
     * @param dst   address of {@code [groups][rows][PANEL]} sums
     */
    void execute(
            final int worker, final long stream, final long src, final long panel, final long dst, final long scratch) {
        final long[] own = memories[worker];
        Dnnl.setHandle(own[SRC], src);
        Dnnl.setHandle(own[WEIGHTS], panel);
        Dnnl.setHandle(own[DST], dst);
        Dnnl.setHandle(own[SCRATCHPAD], scratch);
        Dnnl.execute(primitive, stream, ARGUMENTS, args.address() + (long) worker * ARGUMENTS * Dnnl.EXEC_ARG_BYTES);
    }

    @Override
    public void close() {
        Dnnl.destroyPrimitive(primitive);
        for (final long[] own : memories) {
            for (final long memory : own) {
                Dnnl.destroyMemory(memory);
            }
        }
        args.close();
    }
}
