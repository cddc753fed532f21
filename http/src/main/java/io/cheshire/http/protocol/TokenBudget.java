package io.cheshire.http.protocol;

import org.jspecify.annotations.Nullable;

/**
 * How many tokens an answer may have.
 *
 * @param tokens null: the request doesn't say
 * @param field  what the client calls it, for errors
 */
record TokenBudget(@Nullable Integer tokens, String field) {
    private static final String OLD_NAME = "max_tokens";
    private static final String NEW_NAME = "max_completion_tokens";

    /** Both names of one field, of chats and completions alike: load generators send both. */
    static TokenBudget of(final FieldReader fields, final int least) {
        final Integer newName = fields.integerOrNull(NEW_NAME, least, Integer.MAX_VALUE);
        final Integer oldName = fields.integerOrNull(OLD_NAME, least, Integer.MAX_VALUE);
        if (newName != null && oldName != null && !newName.equals(oldName)) {
            throw fields.wrong(
                    OLD_NAME, "is " + oldName + ", but " + NEW_NAME + " is " + newName + "; send one of them");
        }
        return newName != null && oldName == null
                ? new TokenBudget(newName, NEW_NAME)
                : new TokenBudget(oldName, OLD_NAME);
    }

    /** Of a response. */
    static TokenBudget ofResponse(final FieldReader fields) {
        final String name = "max_output_tokens";
        return new TokenBudget(fields.integerOrNull(name, 1, Integer.MAX_VALUE), name);
    }

    boolean isZero() {
        return tokens != null && tokens == 0;
    }
}
