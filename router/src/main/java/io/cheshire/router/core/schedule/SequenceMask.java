package io.cheshire.router.core.schedule;

import io.cheshire.router.core.grammar.AllowedTokens;
import io.cheshire.router.core.grammar.ForcedRun;
import io.cheshire.router.core.grammar.Grammar;
import org.jspecify.annotations.Nullable;

/**
 * The mask of one sequence's next token. It depends on the tokens so far alone, so it may be computed ahead, while the
 * model computes; whoever comes first does, and the other waits for it. Thread-safe.
 */
public final class SequenceMask {
    private final Grammar.Cursor cursor;
    private int computedFor = -1;
    private @Nullable AllowedTokens mask;

    SequenceMask(final Grammar grammar, final boolean opensText) {
        cursor = grammar.cursor(opensText);
    }

    /**
     * What must follow {@code tokens[promptLength .. length)} and {@code token}, which was drawn by the mask of just
     * these; nothing where that isn't known at once.
     */
    synchronized void ahead(final int promptLength, final int length, final int token, final ForcedRun run) {
        cursor.ahead(promptLength, length, token, run);
    }

    /**
     * What may follow {@code tokens[promptLength .. length)}.
     *
     * @throws io.cheshire.router.core.grammar.GrammarException it can't be computed
     */
    public synchronized AllowedTokens after(final int[] tokens, final int promptLength, final int length) {
        final AllowedTokens known = mask;
        // Who was to compute it ahead may come when further tokens are known; nobody uses its mask any more.
        if (known != null && computedFor >= length) {
            return known;
        }
        final AllowedTokens made = cursor.after(tokens, promptLength, length);
        mask = made;
        computedFor = length;
        return made;
    }
}
