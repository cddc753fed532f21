package io.cheshire.benchmarks.micro;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.matmul.MatmulContext;
import java.lang.foreign.MemorySegment;

/**
 * {@code [rows, k] x [k, n] -> [rows, n] fp32}, exactly so many rows, weights as oneDNN likes them. Rows and weights
 * are bf16, or fp32 on processors for which oneDNN has no bf16.
 */
final class BareMatmul implements AutoCloseable {
    /** Twice in four bytes it is a small fp32, too. */
    private static final short SMALL_BF16 = 0x3C00;

    private static final int MEMORY_OFFSET = 8;
    private static final int ARGUMENTS = 4;

    private final long engine = Dnnl.createEngine();
    private final long stream = Dnnl.createStream(engine);
    private final boolean bf16;
    private final long primitive;
    private final long[] memories = new long[ARGUMENTS];
    private final NativeBuffer weights;
    private final NativeBuffer scratchpad;
    private final NativeBuffer input;
    private final NativeBuffer output;
    private final NativeBuffer arguments = NativeBuffer.allocate((long) ARGUMENTS * Dnnl.EXEC_ARG_BYTES);

    BareMatmul(final int rows, final int k, final int n) {
        final long attributes = Dnnl.createUserScratchpadAttributes();
        bf16 = MatmulContext.multipliesBf16(engine);
        final int type = bf16 ? Dnnl.BF16 : Dnnl.F32;
        final long src = Dnnl.createMatrix(rows, k, type, Dnnl.LAYOUT_ROWS);
        final long any = Dnnl.createMatrix(k, n, type, Dnnl.LAYOUT_ANY);
        final long dst = Dnnl.createMatrix(rows, n, Dnnl.F32, Dnnl.LAYOUT_ROWS);
        final long description = Dnnl.createMatmul(engine, src, any, 0, dst, attributes);
        final long layout = Dnnl.queryDescription(description, Dnnl.QUERY_WEIGHTS);
        final long scratch = Dnnl.queryDescription(description, Dnnl.QUERY_SCRATCHPAD);
        primitive = Dnnl.createPrimitive(description);
        weights = filled(Dnnl.bytesOf(layout));
        scratchpad = NativeBuffer.allocate(Math.max(1, Dnnl.bytesOf(scratch)));
        input = filled((long) rows * k * (bf16 ? Short.BYTES : Float.BYTES));
        output = NativeBuffer.allocate((long) rows * n * Float.BYTES);
        argument(0, Dnnl.ARG_SRC, Dnnl.createMemory(src, engine, input.address()));
        argument(1, Dnnl.ARG_WEIGHTS, Dnnl.createMemory(layout, engine, weights.address()));
        argument(2, Dnnl.ARG_DST, Dnnl.createMemory(dst, engine, output.address()));
        argument(3, Dnnl.ARG_SCRATCHPAD, Dnnl.createMemory(scratch, engine, scratchpad.address()));
        Dnnl.destroyPrimitiveDescription(description);
        Dnnl.destroyAttributes(attributes);
        Dnnl.destroyDescription(src);
        Dnnl.destroyDescription(any);
        Dnnl.destroyDescription(dst);
    }

    private static NativeBuffer filled(final long bytes) {
        final NativeBuffer buffer = NativeBuffer.allocate(bytes);
        for (long i = 0; i < bytes / Short.BYTES; i++) {
            buffer.segment().setAtIndex(JAVA_SHORT, i, SMALL_BF16);
        }
        return buffer;
    }

    private void argument(final int index, final int kind, final long memory) {
        final MemorySegment args = arguments.segment();
        args.set(JAVA_INT, (long) index * Dnnl.EXEC_ARG_BYTES, kind);
        args.set(JAVA_LONG, (long) index * Dnnl.EXEC_ARG_BYTES + MEMORY_OFFSET, memory);
        memories[index] = memory;
    }

    /** These bf16 rows if it multiplies such, else its own ones. */
    long inputOf(final long bf16Rows) {
        return bf16 ? bf16Rows : input.address();
    }

    /** Rows to multiply. */
    long ownInput() {
        return input.address();
    }

    /** Room for results. */
    long ownOutput() {
        return output.address();
    }

    void run(final long src, final long dst) {
        Dnnl.setHandle(memories[0], src);
        Dnnl.setHandle(memories[2], dst);
        Dnnl.execute(primitive, stream, ARGUMENTS, arguments.address());
    }

    @Override
    public void close() {
        Dnnl.destroyPrimitive(primitive);
        for (final long memory : memories) {
            Dnnl.destroyMemory(memory);
        }
        weights.close();
        scratchpad.close();
        input.close();
        output.close();
        arguments.close();
        Dnnl.destroyStream(stream);
        Dnnl.destroyEngine(engine);
    }
}
