package io.cheshire.model.core.jinja;

import java.util.Iterator;
import java.util.stream.LongStream;

/** What {@code range} gives. At most {@link #MAX_LENGTH} numbers, as in Jinja2's sandbox. */
record RangeValue(long start, long stop, long step) {
    static final int MAX_LENGTH = 100_000;

    int length() {
        final long span = step > 0 ? stop - start : start - stop;
        final long by = Math.abs(step);
        return span <= 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, (span - 1) / by + 1);
    }

    long get(final long index) {
        return start + index * step;
    }

    Iterator<Object> iterator() {
        return LongStream.range(0, length()).<Object>mapToObj(this::get).iterator();
    }

    boolean contains(final long value) {
        final long offset = value - start;
        return offset % step == 0 && offset / step >= 0 && offset / step < length();
    }

    boolean sameAs(final RangeValue other) {
        final int length = length();
        return length == other.length()
                && (length == 0 || (start == other.start && (length == 1 || step == other.step)));
    }
}
