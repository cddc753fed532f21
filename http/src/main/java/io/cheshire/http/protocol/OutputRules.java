package io.cheshire.http.protocol;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an answer may be at all.
 *
 * @param form       of its text, or null
 * @param allowedIds the only token ids that it may have; empty: all
 * @param badWords   texts that it may not have
 */
public record OutputRules(@Nullable OutputForm form, Set<Integer> allowedIds, List<String> badWords) {
    /** Anything. */
    public static final OutputRules NONE = new OutputRules(null, Set.of(), List.of());

    public OutputRules {
        allowedIds = Set.copyOf(allowedIds);
        badWords = List.copyOf(badWords);
    }
}
