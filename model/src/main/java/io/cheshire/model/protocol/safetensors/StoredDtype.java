package io.cheshire.model.protocol.safetensors;

import io.cheshire.model.protocol.Dtype;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every element format that a safetensors header may name (docs/model.md §2.5), with its width. */
public enum StoredDtype {
    BOOL(8),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    F16(16),
    BF16(16),
    I32(32),
    U32(32),
    F32(32),
    I64(64),
    U64(64),
    F64(64),
    C64(64),
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6);

    private static final Map<String, StoredDtype> BY_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity()));

    private final int bits;

    StoredDtype(final int bits) {
        this.bits = bits;
    }

    /** Bits of one element. */
    public int bits() {
        return bits;
    }

    /** The format of that name, or null. */
    public static @Nullable StoredDtype named(final String name) {
        return BY_NAME.get(name);
    }

    /** How a weight format is named in a header. */
    public static StoredDtype of(final Dtype dtype) {
        return switch (dtype) {
            case BF16 -> BF16;
            case F16 -> F16;
            case F32 -> F32;
            case I8 -> I8;
            case I4X2 -> U8;
        };
    }

    /** The format that kernels read, or null where weights of this format aren't served. */
    public @Nullable Dtype weightDtype() {
        return switch (this) {
            case BF16 -> Dtype.BF16;
            case F16 -> Dtype.F16;
            case F32 -> Dtype.F32;
            case BOOL,
                    U8,
                    I8,
                    F8_E5M2,
                    F8_E4M3,
                    F8_E8M0,
                    F8_E4M3FNUZ,
                    F8_E5M2FNUZ,
                    I16,
                    U16,
                    I32,
                    U32,
                    I64,
                    U64,
                    F64,
                    C64,
                    F4,
                    F6_E2M3,
                    F6_E3M2 -> null;
        };
    }
}
