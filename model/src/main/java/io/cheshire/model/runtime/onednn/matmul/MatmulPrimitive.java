package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import java.lang.foreign.MemorySegment;

/**
 * A compiled matmul of one shape and row count. Its argument list is built once; a call only writes addresses into it.
 */
final class MatmulPrimitive implements AutoCloseable {
    private static final int SRC = 0;
    private static final int WEIGHTS = 1;
    private static final int DST = 2;
    private static final int SCRATCHPAD = 3;
    private static final int BIAS = 4;
    private static final int MEMORY_OFFSET = 8;

    private final long primitive;
    private final long srcMemory;
    private final long dstMemory;
    private final long scratchMemory;
    private final long scratchBytes;
    private final int argCount;
    private final NativeBuffer argBuffer;
    private final MemorySegment args;

    MatmulPrimitive(final MatmulContext context, final MatmulShape shape, final long weights, final int rows) {
        final int input = context.computeType(shape);
        final long src = Dnnl.createMatrix(rows, shape.k(), input, Dnnl.LAYOUT_ROWS);
        final long dst = Dnnl.createMatrix(rows, shape.n(), Dnnl.F32, Dnnl.LAYOUT_ROWS);
        final long description = describe(context.engine(), shape, src, weights, dst);
        final long scratchpad = Dnnl.queryDescription(description, Dnnl.QUERY_SCRATCHPAD);
        primitive = Dnnl.createPrimitive(description);
        scratchBytes = Dnnl.bytesOf(scratchpad);
        srcMemory = Dnnl.createMemory(src, context.engine(), 0);
        dstMemory = Dnnl.createMemory(dst, context.engine(), 0);
        scratchMemory = Dnnl.createMemory(scratchpad, context.engine(), 0);
        Dnnl.destroyPrimitiveDescription(description);
        Dnnl.destroyDescription(src);
        Dnnl.destroyDescription(dst);

        argCount = shape.bias() ? BIAS + 1 : BIAS;
        argBuffer = NativeBuffer.allocate((long) (BIAS + 1) * Dnnl.EXEC_ARG_BYTES);
        args = argBuffer.segment();
        argument(SRC, Dnnl.ARG_SRC, srcMemory);
        argument(WEIGHTS, Dnnl.ARG_WEIGHTS, 0);
        argument(DST, Dnnl.ARG_DST, dstMemory);
        argument(SCRATCHPAD, Dnnl.ARG_SCRATCHPAD, scratchMemory);
        argument(BIAS, Dnnl.ARG_BIAS, 0);
    }

    /** The caller destroys the result. */
    static long describe(
            final long engine, final MatmulShape shape, final long src, final long weights, final long dst) {
        final long bias = shape.bias() ? Dnnl.createMatrix(1, shape.n(), Dnnl.F32, Dnnl.LAYOUT_ROWS) : 0;
        final long attributes = Dnnl.createUserScratchpadAttributes();
        try {
            return Dnnl.createMatmul(engine, src, weights, bias, dst, attributes);
        } finally {
            Dnnl.destroyAttributes(attributes);
            if (bias != 0) {
                Dnnl.destroyDescription(bias);
            }
        }
    }

    /** Runs the rows at {@code src} into {@code dst}. */
    void execute(final MatmulContext context, final OneDnnWeights weights, final long src, final long dst) {
        Dnnl.setHandle(srcMemory, src);
        Dnnl.setHandle(dstMemory, dst);
        if (scratchBytes > 0) {
            Dnnl.setHandle(scratchMemory, context.scratchpad(scratchBytes));
        }
        memory(WEIGHTS, weights.weightsMemory());
        memory(BIAS, weights.biasMemory());
        Dnnl.execute(primitive, context.stream(), argCount, args.address());
    }

    private void argument(final int index, final int kind, final long memory) {
        args.set(JAVA_INT, (long) index * Dnnl.EXEC_ARG_BYTES, kind);
        memory(index, memory);
    }

    private void memory(final int index, final long memory) {
        args.set(JAVA_LONG, (long) index * Dnnl.EXEC_ARG_BYTES + MEMORY_OFFSET, memory);
    }

    @Override
    public void close() {
        Dnnl.destroyPrimitive(primitive);
        Dnnl.destroyMemory(srcMemory);
        Dnnl.destroyMemory(dstMemory);
        Dnnl.destroyMemory(scratchMemory);
        argBuffer.close();
    }
}
