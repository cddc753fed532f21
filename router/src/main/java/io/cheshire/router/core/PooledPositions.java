package io.cheshire.router.core;

import java.util.BitSet;
import java.util.Collection;

/** Positions of a prompt at which a model's head is asked. Immutable. */
public final class PooledPositions {
    /** None: the sequence goes on with its prompt. */
    public static final PooledPositions NONE = new PooledPositions(new BitSet());

    /** Behind every position. */
    public static final int NO_POSITION = Integer.MAX_VALUE;

    private final BitSet positions;

    private PooledPositions(final BitSet positions) {
        this.positions = positions;
    }

    /** All of a prompt of so many tokens. */
    public static PooledPositions all(final int promptTokens) {
        final BitSet all = new BitSet(promptTokens);
        all.set(0, promptTokens);
        return new PooledPositions(all);
    }

    /** These; none may be negative. */
    public static PooledPositions of(final Collection<Integer> given) {
        final BitSet some = new BitSet();
        given.forEach(some::set);
        return new PooledPositions(some);
    }

    /** How many. */
    public int count() {
        return positions.cardinality();
    }

    /** Nothing is asked. */
    public boolean isEmpty() {
        return positions.isEmpty();
    }

    /** Behind the last one; 0 without any. */
    public int end() {
        return positions.length();
    }

    /** The head is asked there. */
    public boolean contains(final int position) {
        return positions.get(position);
    }

    /** The first one from {@code position} on, or {@link #NO_POSITION}. */
    public int next(final int position) {
        final int next = positions.nextSetBit(position);
        return next < 0 ? NO_POSITION : next;
    }
}
