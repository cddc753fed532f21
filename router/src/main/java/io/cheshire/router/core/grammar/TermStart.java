package io.cheshire.router.core.grammar;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Those of a term's texts that begin in some way, found by its parts: what holds for the first bytes alone needs no
 * {@link Term.Kind#BOTH}, which would be followed through everything that may come behind them. Terms whose rules are
 * all defined only. Used by one thread at a time.
 */
final class TermStart {
    private final TermPool pool;
    private final ByteSet set;
    private final boolean isCut;
    /** What was found of rules; of one that is being looked at, itself, which {@link LeftCalls} refuses later. */
    private final Map<Term, Term> rules = new HashMap<>();

    private TermStart(final TermPool pool, final ByteSet set, final boolean isCut) {
        this.pool = pool;
        this.set = set;
        this.isCut = isCut;
    }

    /** The texts that begin with one of these bytes: the term itself if all do, nothing if none does. */
    static Term with(final TermPool pool, final Term term, final ByteSet set) {
        return new TermStart(pool, set, false).of(term);
    }

    /** The texts that don't begin with {@code start}: the term itself if none does. */
    static Term without(final TermPool pool, final Term term, final byte[] start) {
        return without(pool, term, start, 0);
    }

    private static Term without(final TermPool pool, final Term term, final byte[] start, final int at) {
        if (at == start.length) {
            return pool.nothing;
        }
        final ByteSet next = ByteSet.of(start[at] & 0xff);
        final Term rest = new TermStart(pool, next, true).of(term);
        if (rest == pool.nothing) {
            return term;
        }
        return pool.either(
                term.nullable ? pool.empty : pool.nothing,
                with(pool, term, next.not()),
                pool.pair(pool.bytes(next), without(pool, rest, start, at + 1)));
    }

    /** With their first byte or, where it is cut, without: then the set has one byte. */
    private Term of(final Term term) {
        return switch (term.kind) {
            case NOTHING, EMPTY -> pool.nothing;
            case BYTES -> {
                final Term some = pool.bytes(term.bytes.and(set));
                yield isCut && some != pool.nothing ? pool.empty : some;
            }
            case SEQUENCE -> {
                final Term first = pool.pair(of(term.parts[0]), term.parts[1]);
                yield term.parts[0].nullable ? pool.either(first, of(term.parts[1])) : first;
            }
            case EITHER -> pool.either(Stream.of(term.parts).map(this::of).toList());
            case BOTH -> pool.both(of(term.parts[0]), of(term.parts[1]));
            case NOT ->
                isCut ? pool.not(of(term.parts[0])) : pool.both(term, pool.pair(pool.bytes(set), pool.anything));
            case REPEAT -> {
                final int max = term.max == Term.MANY ? Term.MANY : term.max - 1;
                yield pool.pair(of(term.parts[0]), pool.repeat(term.parts[0], Math.max(0, term.min - 1), max));
            }
            case CALL -> rule(term);
        };
    }

    private Term rule(final Term call) {
        final Term known = rules.putIfAbsent(call, call);
        if (known != null) {
            return known;
        }
        final Term body = pool.body(call);
        final Term found = of(body);
        final Term made = found == body ? call : found;
        rules.put(call, made);
        return made;
    }
}
