package io.cheshire.router.core.grammar;

import org.jspecify.annotations.Nullable;

/**
 * An expression over bytes. A {@link TermPool} makes each only once, so that one is compared and remembered by its
 * identity. What a sequence of bytes leaves of a term is its derivative, another term; the calls
 * on the right of it are what a stack holds in other parsers.
 */
final class Term {
    /** What it is made of. */
    enum Kind {
        /** No text. */
        NOTHING,
        /** The empty text. */
        EMPTY,
        /** One byte of {@link #bytes}. */
        BYTES,
        /** The first part, then the second. */
        SEQUENCE,
        /** One of the parts. */
        EITHER,
        /** All of the parts. */
        BOTH,
        /** Whatever isn't the part. */
        NOT,
        /** The part, {@link #min} to {@link #max} times. */
        REPEAT,
        /** The rule {@link #min}. */
        CALL
    }

    static final int MANY = Integer.MAX_VALUE;

    final Kind kind;
    final Term[] parts;
    final ByteSet bytes;
    final int min;
    final int max;
    /** Order of making: parts come before the whole. */
    final int id;
    /** The empty text matches. */
    final boolean nullable;
    /** Some text matches. Only known once the pool is sealed. */
    boolean isLive = true;
    /** What is asked for at once can't be had at once. */
    boolean isDead;
    /** What {@link Derivatives#only} found. */
    int only = Derivatives.UNKNOWN;

    /** Derivatives by class of byte, as far as they were needed. */
    @Nullable
    Term @Nullable [] next;

    Term(
            final Kind kind,
            final Term[] parts,
            final ByteSet bytes,
            final int min,
            final int max,
            final int id,
            final boolean nullable) {
        this.kind = kind;
        this.parts = parts;
        this.bytes = bytes;
        this.min = min;
        this.max = max;
        this.id = id;
        this.nullable = nullable;
    }
}
