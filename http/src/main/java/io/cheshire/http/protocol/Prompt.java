package io.cheshire.http.protocol;

import java.util.List;

/** What a completion continues. */
public sealed interface Prompt {
    /** Text, to be tokenised. */
    record Text(String text) implements Prompt {}

    /** Token ids, not yet checked against the vocabulary. */
    record Tokens(List<Integer> ids) implements Prompt {
        public Tokens {
            ids = List.copyOf(ids);
        }
    }
}
