package io.cheshire.model.runtime.onednn.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.bytedeco.dnnl.global.dnnl;

/**
 * The part of oneDNN's C API that the kernels use. Handles are {@code long}s, 0 is null. Each function throws
 * {@link OneDnnException} when oneDNN answers anything but success. {@link #execute} and {@link #setHandle} make no
 * garbage.
 */
public final class Dnnl {
    public static final int BF16 = dnnl.dnnl_bf16;
    public static final int F32 = dnnl.dnnl_f32;
    public static final int S32 = dnnl.dnnl_s32;
    public static final int S8 = dnnl.dnnl_s8;
    public static final int U8 = dnnl.dnnl_u8;
    /** Let oneDNN choose the layout. */
    public static final int LAYOUT_ANY = dnnl.dnnl_format_tag_any;
    /** Row-major. */
    public static final int LAYOUT_ROWS = dnnl.dnnl_ab;
    /** Column-major. */
    public static final int LAYOUT_COLUMNS = dnnl.dnnl_ba;

    /**
     * Weights in panels of 64 columns: rows by twos, columns, the two. Both are padded, rows to 32 and columns to 64.
     */
    public static final int LAYOUT_PANELS_OF_PAIRS = dnnl.dnnl_BA16a64b2a;

    /** A batch of matrices, each row-major. */
    public static final int LAYOUT_BATCH = dnnl.dnnl_abc;
    /** A batch of matrices, each in blocks of 64 columns and 64 rows: rows by fours, columns, the four. */
    public static final int LAYOUT_BATCH_OF_FOURS = dnnl.dnnl_aCB16b64c4b;

    public static final int ARG_SRC = dnnl.DNNL_ARG_SRC_0;
    public static final int ARG_DST = dnnl.DNNL_ARG_DST_0;
    public static final int ARG_WEIGHTS = dnnl.DNNL_ARG_WEIGHTS_0;
    public static final int ARG_BIAS = dnnl.DNNL_ARG_BIAS;
    public static final int ARG_SCRATCHPAD = dnnl.DNNL_ARG_SCRATCHPAD;
    public static final int QUERY_WEIGHTS = dnnl.dnnl_query_weights_md;
    public static final int QUERY_SCRATCHPAD = dnnl.dnnl_query_scratchpad_md;
    /** Bytes of {@code dnnl_exec_arg_t}: an int, padding, a pointer. */
    public static final int EXEC_ARG_BYTES = 16;

    static final int UNIMPLEMENTED = dnnl.dnnl_unimplemented;

    private static final int MAX_DIMENSIONS = 12;
    private static final long LONGEST_NAME = 256;

    private static final MethodHandle ENGINE_CREATE = status("dnnl_engine_create", JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle ENGINE_DESTROY = status("dnnl_engine_destroy", JAVA_LONG);
    private static final MethodHandle STREAM_CREATE = status("dnnl_stream_create", JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle STREAM_DESTROY = status("dnnl_stream_destroy", JAVA_LONG);
    private static final MethodHandle DESC_CREATE =
            status("dnnl_memory_desc_create_with_tag", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle DESC_STRIDES =
            status("dnnl_memory_desc_create_with_strides", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle DESC_CLONE = status("dnnl_memory_desc_clone", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle DESC_DESTROY = status("dnnl_memory_desc_destroy", JAVA_LONG);
    private static final MethodHandle DESC_BYTES =
            Call.bind(NativeLibraries.DNNL, "dnnl_memory_desc_get_size", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    private static final MethodHandle DESC_EQUAL = Call.bind(
            NativeLibraries.DNNL, "dnnl_memory_desc_equal", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle MEMORY_CREATE =
            status("dnnl_memory_create", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MEMORY_DESTROY = status("dnnl_memory_destroy", JAVA_LONG);
    private static final MethodHandle MEMORY_SET_HANDLE = Call.bind(
            NativeLibraries.DNNL,
            "dnnl_memory_set_data_handle",
            FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG),
            Linker.Option.critical(false));
    private static final MethodHandle ATTR_CREATE = status("dnnl_primitive_attr_create", JAVA_LONG);
    private static final MethodHandle ATTR_SCRATCHPAD =
            status("dnnl_primitive_attr_set_scratchpad_mode", JAVA_LONG, JAVA_INT);
    private static final MethodHandle ATTR_DESTROY = status("dnnl_primitive_attr_destroy", JAVA_LONG);
    private static final MethodHandle MATMUL_CREATE = status(
            "dnnl_matmul_primitive_desc_create",
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
    private static final MethodHandle REORDER_CREATE = status(
            "dnnl_reorder_primitive_desc_create", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PD_QUERY_MD = Call.bind(
            NativeLibraries.DNNL,
            "dnnl_primitive_desc_query_md",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
    private static final MethodHandle PD_QUERY =
            status("dnnl_primitive_desc_query", JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle PD_DESTROY = status("dnnl_primitive_desc_destroy", JAVA_LONG);
    private static final MethodHandle PRIMITIVE_CREATE = status("dnnl_primitive_create", JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PRIMITIVE_DESTROY = status("dnnl_primitive_destroy", JAVA_LONG);
    private static final MethodHandle PRIMITIVE_EXECUTE =
            status("dnnl_primitive_execute", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle CPU_ISA =
            Call.bind(NativeLibraries.DNNL, "dnnl_get_effective_cpu_isa", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle VERSION =
            Call.bind(NativeLibraries.DNNL, "dnnl_version", FunctionDescriptor.of(JAVA_LONG));

    private Dnnl() {}

    /** The CPU engine. */
    public static long createEngine() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            check("dnnl_engine_create", (int) ENGINE_CREATE.invokeExact(out.address(), dnnl.dnnl_cpu, 0L));
            return out.get(JAVA_LONG, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    public static void destroyEngine(final long engine) {
        invoke(ENGINE_DESTROY, "dnnl_engine_destroy", engine);
    }

    /** An in-order stream; execution on the CPU engine is synchronous. */
    public static long createStream(final long engine) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            check("dnnl_stream_create", (int)
                    STREAM_CREATE.invokeExact(out.address(), engine, dnnl.dnnl_stream_default_flags));
            return out.get(JAVA_LONG, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    public static void destroyStream(final long stream) {
        invoke(STREAM_DESTROY, "dnnl_stream_destroy", stream);
    }

    /** Describes a matrix {@code [rows, columns]}. */
    public static long createMatrix(final long rows, final long columns, final int dataType, final int layout) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            final MemorySegment dimensions = arena.allocate(JAVA_LONG, MAX_DIMENSIONS);
            dimensions.setAtIndex(JAVA_LONG, 0, rows);
            dimensions.setAtIndex(JAVA_LONG, 1, columns);
            check("dnnl_memory_desc_create_with_tag", (int)
                    DESC_CREATE.invokeExact(out.address(), 2, dimensions.address(), dataType, layout));
            return out.get(JAVA_LONG, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /** Describes {@code batch} matrices {@code [rows, columns]}. */
    public static long createBatch(
            final long batch, final long rows, final long columns, final int dataType, final int layout) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            final MemorySegment dimensions = arena.allocateFrom(JAVA_LONG, batch, rows, columns);
            check("dnnl_memory_desc_create_with_tag", (int)
                    DESC_CREATE.invokeExact(out.address(), 3, dimensions.address(), dataType, layout));
            return out.get(JAVA_LONG, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /**
     * Describes {@code batch} matrices {@code [rows, columns]} that are stretches of the rows of one.
     *
     * @param rowStride elements from one row to the next; a matrix begins {@code columns} after the one before
     */
    public static long createStretches(
            final long batch, final long rows, final long columns, final long rowStride, final int dataType) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            final MemorySegment dimensions = arena.allocateFrom(JAVA_LONG, batch, rows, columns);
            final MemorySegment strides = arena.allocateFrom(JAVA_LONG, columns, rowStride, 1);
            check("dnnl_memory_desc_create_with_strides", (int)
                    DESC_STRIDES.invokeExact(out.address(), 3, dimensions.address(), dataType, strides.address()));
            return out.get(JAVA_LONG, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    public static long cloneDescription(final long description) {
        return create(DESC_CLONE, "dnnl_memory_desc_clone", description);
    }

    public static void destroyDescription(final long description) {
        invoke(DESC_DESTROY, "dnnl_memory_desc_destroy", description);
    }

    /** Bytes that memory of this description needs, block padding included. */
    public static long bytesOf(final long description) {
        try {
            return (long) DESC_BYTES.invokeExact(description);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /** Whether a matrix of this description lies in memory as one that has {@code layout}. */
    public static boolean hasLayout(
            final long description, final long rows, final long columns, final int dataType, final int layout) {
        final long other = createMatrix(rows, columns, dataType, layout);
        try {
            return (int) DESC_EQUAL.invokeExact(description, other) != 0;
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        } finally {
            destroyDescription(other);
        }
    }

    /** A memory object over {@code address}; the caller still owns the memory. */
    public static long createMemory(final long description, final long engine, final long address) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            check("dnnl_memory_create", (int) MEMORY_CREATE.invokeExact(out.address(), description, engine, address));
            return out.get(JAVA_LONG, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    public static void destroyMemory(final long memory) {
        invoke(MEMORY_DESTROY, "dnnl_memory_destroy", memory);
    }

    /** Points a memory object at other bytes. */
    public static void setHandle(final long memory, final long address) {
        try {
            check("dnnl_memory_set_data_handle", (int) MEMORY_SET_HANDLE.invokeExact(memory, address));
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /** Attributes of a primitive whose scratchpad the caller supplies. */
    public static long createUserScratchpadAttributes() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            check("dnnl_primitive_attr_create", (int) ATTR_CREATE.invokeExact(out.address()));
            final long attributes = out.get(JAVA_LONG, 0);
            check("dnnl_primitive_attr_set_scratchpad_mode", (int)
                    ATTR_SCRATCHPAD.invokeExact(attributes, dnnl.dnnl_scratchpad_mode_user));
            return attributes;
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    public static void destroyAttributes(final long attributes) {
        invoke(ATTR_DESTROY, "dnnl_primitive_attr_destroy", attributes);
    }

    /** Describes {@code dst = src * weights + bias}; {@code bias} may be 0. */
    public static long createMatmul(
            final long engine,
            final long src,
            final long weights,
            final long bias,
            final long dst,
            final long attributes) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            check("dnnl_matmul_primitive_desc_create", (int)
                    MATMUL_CREATE.invokeExact(out.address(), engine, src, weights, bias, dst, attributes));
            return out.get(JAVA_LONG, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /** Describes a copy from one layout to another. */
    public static long createReorder(final long engine, final long from, final long to) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            check("dnnl_reorder_primitive_desc_create", (int)
                    REORDER_CREATE.invokeExact(out.address(), from, engine, to, engine, 0L));
            return out.get(JAVA_LONG, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /** A memory description of a primitive, owned by the primitive description. */
    public static long queryDescription(final long primitiveDescription, final int what) {
        try {
            return (long) PD_QUERY_MD.invokeExact(primitiveDescription, what, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /**
     * What oneDNN calls the code that it chose, such as {@code brg_matmul:avx2}; its slow, general code is "ref...".
     */
    public static String implementation(final long primitiveDescription) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            check("dnnl_primitive_desc_query", (int)
                    PD_QUERY.invokeExact(primitiveDescription, dnnl.dnnl_query_impl_info_str, 0, out.address()));
            return MemorySegment.ofAddress(out.get(JAVA_LONG, 0))
                    .reinterpret(LONGEST_NAME)
                    .getString(0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    public static void destroyPrimitiveDescription(final long primitiveDescription) {
        invoke(PD_DESTROY, "dnnl_primitive_desc_destroy", primitiveDescription);
    }

    /** Generates the code of a primitive: about a millisecond. */
    public static long createPrimitive(final long primitiveDescription) {
        return create(PRIMITIVE_CREATE, "dnnl_primitive_create", primitiveDescription);
    }

    public static void destroyPrimitive(final long primitive) {
        invoke(PRIMITIVE_DESTROY, "dnnl_primitive_destroy", primitive);
    }

    /** Runs a primitive to its end on the calling thread's OpenMP team. */
    public static void execute(final long primitive, final long stream, final int argCount, final long args) {
        try {
            check("dnnl_primitive_execute", (int) PRIMITIVE_EXECUTE.invokeExact(primitive, stream, argCount, args));
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /** For people: {@code oneDNN 3.11.0, avx512_core_bf16}. */
    public static String description() {
        try {
            final MemorySegment version =
                    MemorySegment.ofAddress((long) VERSION.invokeExact()).reinterpret(3L * Integer.BYTES);
            final int isa = (int) CPU_ISA.invokeExact();
            return "oneDNN " + version.getAtIndex(JAVA_INT, 0) + "." + version.getAtIndex(JAVA_INT, 1) + "."
                    + version.getAtIndex(JAVA_INT, 2) + ", " + isaName(isa);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    private static String isaName(final int isa) {
        return switch (isa) {
            case dnnl.dnnl_cpu_isa_sse41 -> "sse41";
            case dnnl.dnnl_cpu_isa_avx -> "avx";
            case dnnl.dnnl_cpu_isa_avx2 -> "avx2";
            case dnnl.dnnl_cpu_isa_avx2_vnni -> "avx2_vnni";
            case dnnl.dnnl_cpu_isa_avx2_vnni_2 -> "avx2_vnni_2";
            case dnnl.dnnl_cpu_isa_avx512_core -> "avx512_core";
            case dnnl.dnnl_cpu_isa_avx512_core_vnni -> "avx512_core_vnni";
            case dnnl.dnnl_cpu_isa_avx512_core_bf16 -> "avx512_core_bf16";
            case dnnl.dnnl_cpu_isa_avx512_core_fp16 -> "avx512_core_fp16";
            case dnnl.dnnl_cpu_isa_avx512_core_amx -> "avx512_core_amx";
            case dnnl.dnnl_cpu_isa_avx512_core_amx_fp16 -> "avx512_core_amx_fp16";
            default -> "isa 0x" + Integer.toHexString(isa);
        };
    }

    private static MethodHandle status(final String name, final java.lang.foreign.MemoryLayout... arguments) {
        return Call.status(NativeLibraries.DNNL, name, arguments);
    }

    private static long create(final MethodHandle function, final String name, final long argument) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            check(name, (int) function.invokeExact(out.address(), argument));
            return out.get(JAVA_LONG, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    private static void invoke(final MethodHandle function, final String name, final long argument) {
        try {
            check(name, (int) function.invokeExact(argument));
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    private static void check(final String call, final int status) {
        if (status != dnnl.dnnl_success) {
            throw new OneDnnException(call, status);
        }
    }
}
