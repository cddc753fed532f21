package io.cheshire.ops.core;

import java.util.BitSet;

/** Lists of numbers as the kernel writes them, such as {@code 0-3,8} for processors. */
public final class KernelList {
    private KernelList() {}

    /** The numbers; what is none is left out. */
    public static BitSet numbers(final String list) {
        final BitSet numbers = new BitSet();
        for (final String part : list.split(",", -1)) {
            final String[] ends = part.strip().split("-", -1);
            if (ends[0].matches("\\d{1,6}")) {
                final int first = Integer.parseInt(ends[0]);
                final int last = ends.length > 1 && ends[1].matches("\\d{1,6}") ? Integer.parseInt(ends[1]) : first;
                numbers.set(first, Math.max(first, last) + 1);
            }
        }
        return numbers;
    }
}
