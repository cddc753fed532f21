package io.cheshire.router.core.grammar;

import io.cheshire.router.core.grammar.CharacterCoding.Spelling;
import io.cheshire.router.core.grammar.PatternNode.Anchor;
import io.cheshire.router.core.grammar.PatternNode.Chars;
import io.cheshire.router.core.grammar.PatternNode.Either;
import io.cheshire.router.core.grammar.PatternNode.Repeated;
import io.cheshire.router.core.grammar.PatternNode.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Regular expressions to terms. */
final class PatternTerms {
    private final TermPool pool;
    private final CharacterCoding coding;
    private final int maxRepeats;
    /** Schemas name the same few over and over. */
    private final Map<String, Term> known = new HashMap<>();

    PatternTerms(final TermPool pool, final CharacterCoding coding, final int maxRepeats) {
        this.pool = pool;
        this.coding = coding;
        this.maxRepeats = maxRepeats;
    }

    /** Texts that match from start to end. */
    Term whole(final String pattern, final Spelling spelling) {
        return known(pattern, spelling, false);
    }

    /** Texts in which it is found, as JSON Schema has it. */
    Term found(final String pattern, final Spelling spelling) {
        return known(pattern, spelling, true);
    }

    private Term known(final String pattern, final Spelling spelling, final boolean isSearch) {
        final String key = spelling + (isSearch ? "~" : "=") + pattern;
        final Term made = known.get(key);
        if (made != null) {
            return made;
        }
        final Term term = alternatives(pattern, spelling, isSearch);
        known.put(key, term);
        return term;
    }

    private Term alternatives(final String pattern, final Spelling spelling, final boolean isSearch) {
        final PatternNode node = PatternParser.parse(pattern);
        if (unfolded(node) > maxRepeats) {
            throw PatternParser.refused("repeats repetitions: unfolded it has " + unfolded(node)
                    + " characters; the limit is " + maxRepeats);
        }
        final Term anything = pool.star(coding.one(CodePoints.ALL, spelling));
        final List<Term> terms = new ArrayList<>();
        for (final PatternNode one : node instanceof Either(final List<PatternNode> parts) ? parts : List.of(node)) {
            List<PatternNode> parts = one instanceof Sequence(final List<PatternNode> list) ? list : List.of(one);
            final boolean isAtStart = !parts.isEmpty() && isAnchor(parts.getFirst(), true);
            parts = isAtStart ? parts.subList(1, parts.size()) : parts;
            final boolean isAtEnd = !parts.isEmpty() && isAnchor(parts.getLast(), false);
            parts = isAtEnd ? parts.subList(0, parts.size() - 1) : parts;
            final Term term = term(new Sequence(parts), spelling);
            terms.add(pool.sequence(
                    isSearch && !isAtStart ? anything : pool.empty,
                    term,
                    isSearch && !isAtEnd ? anything : pool.empty));
        }
        return pool.either(terms);
    }

    private static boolean isAnchor(final PatternNode node, final boolean isStart) {
        return node instanceof Anchor(final boolean start) && start == isStart;
    }

    private Term term(final PatternNode node, final Spelling spelling) {
        return switch (node) {
            case Chars(final CodePoints set) -> coding.one(set, spelling);
            case Sequence(final List<PatternNode> parts) -> {
                Term all = pool.empty;
                for (int i = parts.size() - 1; i >= 0; i--) {
                    all = pool.pair(term(parts.get(i), spelling), all);
                }
                yield all;
            }
            case Either(final List<PatternNode> parts) ->
                pool.either(parts.stream().map(part -> term(part, spelling)).toList());
            case Repeated(final PatternNode part, final int min, final int max) ->
                pool.repeat(term(part, spelling), min, max);
            case Anchor(final boolean isStart) ->
                throw PatternParser.refused("has " + (isStart ? "^" : "$")
                        + " elsewhere than at the start or end of an alternative; write the alternatives out");
        };
    }

    private static long unfolded(final PatternNode node) {
        return switch (node) {
            case Chars(final CodePoints set) -> 1;
            case Anchor(final boolean isStart) -> 0;
            case Sequence(final List<PatternNode> parts) ->
                parts.stream().mapToLong(PatternTerms::unfolded).sum();
            case Either(final List<PatternNode> parts) ->
                parts.stream().mapToLong(PatternTerms::unfolded).sum();
            case Repeated(final PatternNode part, final int min, final int max) ->
                Math.min(Integer.MAX_VALUE, unfolded(part) * Math.max(1, max == Term.MANY ? min : max));
        };
    }
}
