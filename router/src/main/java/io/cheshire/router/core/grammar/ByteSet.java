package io.cheshire.router.core.grammar;

/**
 * A set of bytes.
 *
 * @param w0 bytes 0 to 63
 * @param w1 bytes 64 to 127
 * @param w2 bytes 128 to 191
 * @param w3 bytes 192 to 255
 */
record ByteSet(long w0, long w1, long w2, long w3) {
    static final int BYTES = 256;
    static final ByteSet NONE = new ByteSet(0, 0, 0, 0);
    static final ByteSet ALL = new ByteSet(-1, -1, -1, -1);

    static ByteSet of(final int value) {
        return range(value, value);
    }

    /** Both ends belong to it. */
    static ByteSet range(final int low, final int high) {
        return new ByteSet(word(low, high, 0), word(low, high, 64), word(low, high, 128), word(low, high, 192));
    }

    private static long word(final int low, final int high, final int first) {
        final int from = Math.max(low - first, 0);
        final int to = Math.min(high - first, Long.SIZE - 1);
        return from > to ? 0 : (-1L >>> (Long.SIZE - 1 - (to - from))) << from;
    }

    boolean has(final int value) {
        final long word = value < 128 ? (value < 64 ? w0 : w1) : value < 192 ? w2 : w3;
        return ((word >>> (value & 63)) & 1) != 0;
    }

    ByteSet or(final ByteSet other) {
        return new ByteSet(w0 | other.w0, w1 | other.w1, w2 | other.w2, w3 | other.w3);
    }

    ByteSet and(final ByteSet other) {
        return new ByteSet(w0 & other.w0, w1 & other.w1, w2 & other.w2, w3 & other.w3);
    }

    /** All others. */
    ByteSet not() {
        return new ByteSet(~w0, ~w1, ~w2, ~w3);
    }

    boolean isEmpty() {
        return (w0 | w1 | w2 | w3) == 0;
    }
}
