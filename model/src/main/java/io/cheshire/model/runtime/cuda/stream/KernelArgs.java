package io.cheshire.model.runtime.cuda.stream;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Values of a launch and the pointers to them that the driver wants, laid out once. A launch copies them. */
public final class KernelArgs {
    private static final int MAX_PARAMETERS = 12;

    private final MemorySegment values;
    private final MemorySegment pointers;
    private int count;

    public KernelArgs(final Arena arena) {
        values = arena.allocate(MAX_PARAMETERS * JAVA_LONG.byteSize(), JAVA_LONG.byteAlignment());
        pointers = arena.allocate(ADDRESS, MAX_PARAMETERS);
        for (int i = 0; i < MAX_PARAMETERS; i++) {
            pointers.setAtIndex(ADDRESS, i, values.asSlice(i * JAVA_LONG.byteSize()));
        }
    }

    /** Begins a new list. */
    public KernelArgs clear() {
        count = 0;
        return this;
    }

    /** The next parameter: an address. */
    public KernelArgs address(final long value) {
        values.setAtIndex(JAVA_LONG, count++, value);
        return this;
    }

    /** The next parameter: a number. */
    public KernelArgs number(final int value) {
        values.set(JAVA_INT, count++ * JAVA_LONG.byteSize(), value);
        return this;
    }

    /** The next parameter: a number with a fraction. */
    public KernelArgs real(final float value) {
        values.set(JAVA_FLOAT, count++ * JAVA_LONG.byteSize(), value);
        return this;
    }

    int count() {
        return count;
    }

    MemorySegment pointers() {
        return pointers;
    }
}
