package io.cheshire.router.core.grammar;

import io.cheshire.router.core.grammar.Term.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes terms, each once, in their simplest form. Rules are declared, then defined, so that terms may call what is
 * still being made. Used by one thread at a time.
 */
final class TermPool {
    private static final Term[] NO_PARTS = {};

    private int maxTerms;
    long asked; // whether made or known
    private final Map<TermMake, Term> terms = new HashMap<>();
    private final List<Term> byId = new ArrayList<>();
    private final List<Term> bodies = new ArrayList<>();
    final Term nothing;
    final Term empty;
    final Term anyByte;
    /** Any bytes. */
    final Term anything;

    TermPool(final int maxTerms) {
        this.maxTerms = maxTerms;
        nothing = make(Kind.NOTHING, NO_PARTS, ByteSet.NONE, 0, 0, false);
        empty = make(Kind.EMPTY, NO_PARTS, ByteSet.NONE, 0, 0, true);
        anyByte = make(Kind.BYTES, NO_PARTS, ByteSet.ALL, 0, 0, false);
        anything = star(anyByte);
    }

    private Term make(
            final Kind kind,
            final Term[] parts,
            final ByteSet bytes,
            final int min,
            final int max,
            final boolean nullable) {
        asked++;
        final TermMake how = TermMake.of(kind, parts, bytes, min, max);
        final Term known = terms.get(how);
        if (known != null) {
            return known;
        }
        if (byId.size() >= maxTerms) {
            throw new GrammarException("", "is too large: it has more than " + maxTerms + " expressions; simplify it");
        }
        final Term made = new Term(kind, parts, bytes, min, max, byId.size(), nullable);
        terms.put(how, made);
        byId.add(made);
        made.isLive = Liveness.byParts(this, made);
        return made;
    }

    Term bytes(final ByteSet set) {
        return set.isEmpty() ? nothing : make(Kind.BYTES, NO_PARTS, set, 0, 0, false);
    }

    Term literal(final byte[] text) {
        Term all = empty;
        for (int i = text.length - 1; i >= 0; i--) {
            all = pair(bytes(ByteSet.of(text[i] & 0xff)), all);
        }
        return all;
    }

    Term sequence(final Term... parts) {
        Term all = parts[parts.length - 1];
        for (int i = parts.length - 2; i >= 0; i--) {
            all = pair(parts[i], all);
        }
        return all;
    }

    /** Leans to the right, so that what follows is one term. */
    Term pair(final Term left, final Term right) {
        if (left == nothing || right == nothing) {
            return nothing;
        }
        if (left == empty) {
            return right;
        }
        if (right == empty) {
            return left;
        }
        if (left.kind != Kind.SEQUENCE) {
            return makePair(left, right);
        }
        final List<Term> firsts = new ArrayList<>();
        Term rest = left;
        while (rest.kind == Kind.SEQUENCE) {
            firsts.add(rest.parts[0]);
            rest = rest.parts[1];
        }
        Term all = makePair(rest, right);
        for (int i = firsts.size() - 1; i >= 0; i--) {
            all = makePair(firsts.get(i), all);
        }
        return all;
    }

    private Term makePair(final Term left, final Term right) {
        return make(Kind.SEQUENCE, new Term[] {left, right}, ByteSet.NONE, 0, 0, left.nullable && right.nullable);
    }

    Term either(final Term... parts) {
        return either(List.of(parts));
    }

    /**
     * One of them. Those that begin with the same call, repetition or choice become one that goes on in several ways:
     * else as many ways would be followed side by side as a text has readings.
     */
    Term either(final List<Term> parts) {
        final Set<Term> flat = new LinkedHashSet<>();
        ByteSet set = ByteSet.NONE;
        for (final Term part : parts) {
            for (final Term one : part.kind == Kind.EITHER ? part.parts : new Term[] {part}) {
                if (one.kind == Kind.BYTES) {
                    set = set.or(one.bytes);
                } else if (one != nothing) {
                    flat.add(one);
                }
            }
        }
        if (!set.isEmpty()) {
            flat.add(bytes(set));
        }
        final List<Term> merged = flat.size() < 2 ? List.copyOf(flat) : byFirst(flat);
        if (merged.size() < 2) {
            return merged.isEmpty() ? nothing : merged.getFirst();
        }
        final Term[] sorted = merged.toArray(NO_PARTS);
        Arrays.sort(sorted, Comparator.comparingInt(term -> term.id));
        return make(Kind.EITHER, sorted, ByteSet.NONE, 0, 0, merged.stream().anyMatch(term -> term.nullable));
    }

    private List<Term> byFirst(final Set<Term> flat) {
        final Map<Term, List<Term>> rests = new LinkedHashMap<>();
        final List<Term> others = new ArrayList<>();
        for (final Term term : flat) {
            if (term.kind == Kind.SEQUENCE && term.parts[0].kind != Kind.BYTES) {
                rests.computeIfAbsent(term.parts[0], first -> new ArrayList<>()).add(term.parts[1]);
            } else {
                others.add(term);
            }
        }
        rests.forEach((first, rest) ->
                others.add(rest.size() == 1 ? makePair(first, rest.getFirst()) : pair(first, either(rest))));
        return others;
    }

    Term both(final Term left, final Term right) {
        if (left == right || right == anything) {
            return left;
        }
        if (left == anything) {
            return right;
        }
        if (left == nothing || right == nothing) {
            return nothing;
        }
        if (left == empty || right == empty) {
            return left.nullable && right.nullable ? empty : nothing;
        }
        final boolean inOrder = left.id < right.id;
        final Term[] parts = {inOrder ? left : right, inOrder ? right : left};
        return make(Kind.BOTH, parts, ByteSet.NONE, 0, 0, left.nullable && right.nullable);
    }

    Term not(final Term part) {
        if (part.kind == Kind.NOT) {
            return part.parts[0];
        }
        if (part == nothing) {
            return anything;
        }
        return make(Kind.NOT, new Term[] {part}, ByteSet.NONE, 0, 0, !part.nullable);
    }

    Term star(final Term part) {
        return repeat(part, 0, Term.MANY);
    }

    Term optional(final Term part) {
        return either(empty, part);
    }

    Term repeat(final Term part, final int min, final int max) {
        if (max == 0 || part == empty) {
            return empty;
        }
        if (part == nothing) {
            return min == 0 ? empty : nothing;
        }
        if (min == 1 && max == 1) {
            return part;
        }
        if (part.kind == Kind.REPEAT && part.min == 0 && part.max == Term.MANY) {
            return part;
        }
        final int least = part.nullable ? 0 : min;
        return make(Kind.REPEAT, new Term[] {part}, ByteSet.NONE, least, max, least == 0);
    }

    /** A rule to be defined; {@code nullable}: the empty text will match. */
    Term declare(final boolean nullable) {
        bodies.add(nothing);
        return make(Kind.CALL, NO_PARTS, ByteSet.NONE, bodies.size() - 1, 0, nullable);
    }

    void define(final Term call, final Term body) {
        if (body.nullable != call.nullable) {
            throw new IllegalStateException("rule " + call.min + " was declared otherwise");
        }
        bodies.set(call.min, body);
    }

    Term body(final Term call) {
        return bodies.get(call.min);
    }

    int size() {
        return byId.size();
    }

    Term term(final int id) {
        return byId.get(id);
    }

    /** From now on there may be so many. */
    void allow(final int most) {
        maxTerms = most;
    }

    /** Forgets what was made after the first {@code count}. */
    void truncate(final int count) {
        while (byId.size() > count) {
            terms.remove(TermMake.of(byId.removeLast()));
        }
    }
}
