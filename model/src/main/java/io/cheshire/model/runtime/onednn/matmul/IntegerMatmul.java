package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import java.lang.foreign.MemorySegment;

/**
 * oneDNN's product of unsigned rows with a panel of signed weights into exact sums, the groups of inputs being the
 * batch. Compiled for one thread; run by every thread of the team at once, each with arguments of its own.
 */
final class IntegerMatmul implements AutoCloseable {
    private static final int SRC = 0;
    private static final int WEIGHTS = 1;
    private static final int DST = 2;
    private static final int SCRATCHPAD = 3;
    private static final int ARGUMENTS = 4;
    private static final long POINTER_OFFSET = 8;

    private final long primitive;
    private final long scratchBytes;
    private final long[][] memories;
    private final NativeBuffer args;

    /**
     * @param rows    of a tile
     * @param threads that may run it at once
     * @throws io.cheshire.model.runtime.onednn.ffi.OneDnnException oneDNN has no such matmul
     */
    IntegerMatmul(final MatmulContext context, final QuantisedLayout layout, final int rows, final int threads) {
        final int groups = layout.groups();
        final int group = layout.how().group();
        final long src = Dnnl.createStretches(groups, rows, group, layout.paddedInputs(), Dnnl.U8);
        final long weights =
                Dnnl.createBatch(groups, group, QuantisedLayout.PANEL, Dnnl.S8, Dnnl.LAYOUT_BATCH_OF_FOURS);
        final long dst = Dnnl.createBatch(groups, rows, QuantisedLayout.PANEL, Dnnl.S32, Dnnl.LAYOUT_BATCH);
        final long attributes = Dnnl.createUserScratchpadAttributes();
        long description = 0;
        try {
            description = Dnnl.createMatmul(context.engine(), src, weights, 0, dst, attributes);
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

    /**
     * @param src address of the tile's unsigned rows
     * @param dst address of {@code [groups][rows][PANEL]} ints
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
