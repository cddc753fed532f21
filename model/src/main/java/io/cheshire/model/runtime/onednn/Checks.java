package io.cheshire.model.runtime.onednn;

/** Checks arguments before raw addresses are used. Cheap enough for every call. */
final class Checks {
    private Checks() {}

    static void block(final java.lang.foreign.MemorySegment block, final long bytes, final String what) {
        if (!block.isNative() || block.byteSize() < bytes) {
            throw new IllegalArgumentException(
                    what + " must be off-heap and hold " + bytes + " bytes, but hold " + block.byteSize());
        }
    }
}
