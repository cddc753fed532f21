package io.cheshire.router.core;

import io.cheshire.router.core.grammar.Grammar;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens a sequence may have at all.
 *
 * @param allowedIds only these; empty: all
 * @param badWords   token ids, one after the other, that may not come about
 * @param grammar    what the text must match, or null
 * @param opensText  nothing stands before the text: the grammar doesn't see a space that is hidden there
 */
public record TokenRules(
        Set<Integer> allowedIds,
        List<List<Integer>> badWords,
        @Nullable Grammar grammar,
        boolean opensText) {
    /** Every token, in any order. */
    public static final TokenRules NONE = new TokenRules(Set.of(), List.of(), null, false);

    public TokenRules {
        allowedIds = Set.copyOf(allowedIds);
        badWords = badWords.stream().map(List::copyOf).toList();
    }

    /** No token is forbidden. */
    public boolean isNone() {
        return allowedIds.isEmpty() && badWords.isEmpty() && grammar == null;
    }
}
