package io.cheshire.router.core.grammar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of Unicode scalar values: surrogates are none and never belong to it.
 *
 * @param ranges sorted, apart from each other, both ends included
 */
record CodePoints(List<Range> ranges) {
    private static final int FIRST_SURROGATE = Character.MIN_SURROGATE;
    private static final int LAST_SURROGATE = Character.MAX_SURROGATE;
    static final CodePoints ALL = of(0, Character.MAX_CODE_POINT);

    /** Both ends belong to it. */
    record Range(int low, int high) {}

    CodePoints {
        ranges = List.copyOf(ranges);
    }

    static CodePoints of(final int low, final int high) {
        return union(List.of(new Range(low, high)));
    }

    static CodePoints one(final int codePoint) {
        return of(codePoint, codePoint);
    }

    /** Each of the characters. */
    static CodePoints each(final String characters) {
        return union(characters.codePoints().mapToObj(c -> new Range(c, c)).toList());
    }

    static CodePoints union(final List<Range> parts) {
        final List<Range> sorted = new ArrayList<>();
        for (final Range part : parts) {
            add(sorted, part.low(), Math.min(part.high(), FIRST_SURROGATE - 1));
            add(sorted, Math.max(part.low(), LAST_SURROGATE + 1), part.high());
        }
        sorted.sort(Comparator.comparingInt(Range::low));
        final List<Range> merged = new ArrayList<>();
        for (final Range range : sorted) {
            final Range last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && range.low() <= last.high() + 1) {
                merged.set(merged.size() - 1, new Range(last.low(), Math.max(last.high(), range.high())));
            } else {
                merged.add(range);
            }
        }
        return new CodePoints(merged);
    }

    private static void add(final List<Range> ranges, final int low, final int high) {
        if (low <= high) {
            ranges.add(new Range(low, high));
        }
    }

    CodePoints or(final CodePoints other) {
        final List<Range> all = new ArrayList<>(ranges);
        all.addAll(other.ranges);
        return union(all);
    }

    CodePoints not() {
        final List<Range> rest = new ArrayList<>();
        int from = 0;
        for (final Range range : ranges) {
            add(rest, from, range.low() - 1);
            from = range.high() + 1;
        }
        add(rest, from, Character.MAX_CODE_POINT);
        return union(rest);
    }

    CodePoints minus(final CodePoints other) {
        return not().or(other).not();
    }

    boolean has(final int codePoint) {
        for (final Range range : ranges) {
            if (range.low() <= codePoint && codePoint <= range.high()) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }
}
