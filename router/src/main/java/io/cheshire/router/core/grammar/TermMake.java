package io.cheshire.router.core.grammar;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a term is made of: two of the same make are the same.
 *
 * @param parts ids of the parts
 */
record TermMake(Term.Kind kind, List<Integer> parts, ByteSet bytes, int min, int max) {
    TermMake {
        parts = List.copyOf(parts);
    }

    static TermMake of(final Term.Kind kind, final Term[] parts, final ByteSet bytes, final int min, final int max) {
        return new TermMake(kind, Stream.of(parts).map(part -> part.id).toList(), bytes, min, max);
    }

    static TermMake of(final Term term) {
        return of(term.kind, term.parts, term.bytes, term.min, term.max);
    }
}
