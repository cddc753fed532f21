package io.cheshire.router.core.speculate;

/**
 * Guesses what follows from what followed before: the tokens at a sequence's end are looked for further back, and what
 * came after them there is the guess (prompt lookup; Saxena 2023). Needs no second model. Reads at most
 * {@code window * maxMatch} tokens and allocates nothing.
 */
public final class PromptLookup {
    private PromptLookup() {}

    /**
     * Writes a guess behind the tokens.
     *
     * @param tokens with room for {@code most} more behind {@code length}
     * @param length tokens in use
     * @param most   tokens wanted
     * @return how many were written: {@code most}, or 0 where the end hasn't come before
     */
    public static int guess(final int[] tokens, final int length, final int most, final Speculation bounds) {
        final int from = most < 1 ? -1 : matchEnd(tokens, length, bounds);
        if (from < 0) {
            return 0;
        }
        // A match that reaches the end goes on with what was just written: a text that repeats itself goes on so.
        for (int i = 0; i < most; i++) {
            tokens[length + i] = tokens[from + i];
        }
        return most;
    }

    /** Where the longest match ends, the latest of equals; -1 if none is long enough. */
    private static int matchEnd(final int[] tokens, final int length, final Speculation bounds) {
        final int first = Math.max(bounds.minMatch(), length - bounds.window());
        int best = bounds.minMatch() - 1;
        int at = -1;
        for (int end = length - 1; end >= first && best < bounds.maxMatch(); end--) {
            final int most = Math.min(end, bounds.maxMatch());
            int matched = 0;
            while (matched < most && tokens[end - 1 - matched] == tokens[length - 1 - matched]) {
                matched++;
            }
            if (matched > best) {
                best = matched;
                at = end;
            }
        }
        return at;
    }
}
