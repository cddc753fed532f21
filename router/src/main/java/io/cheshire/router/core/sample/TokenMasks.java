package io.cheshire.router.core.sample;

import io.cheshire.router.core.grammar.AllowedTokens;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Forbids tokens by what a request asks for: those that its grammar doesn't let come next, those that it doesn't allow,
 * and those that would complete a bad word. For a grammar, tokens that end a sequence are no text: they may come when
 * the text is complete, and only then. One thread.
 */
final class TokenMasks {
    private float[] ends = {};

    void apply(
            final SamplingPlan plan,
            final @Nullable AllowedTokens allowed,
            final int[] tokens,
            final int length,
            final float[] logits) {
        for (final int[] word : plan.badWords) {
            forbidEnd(word, tokens, length, logits);
        }
        final BitSet listed = plan.allowed;
        if (listed != null) {
            for (int id = listed.nextClearBit(0); id < logits.length; id = listed.nextClearBit(id + 1)) {
                logits[id] = Float.NEGATIVE_INFINITY;
            }
        }
        if (allowed != null) {
            follow(allowed, plan.stopIds, logits);
        }
    }

    private void follow(final AllowedTokens allowed, final int[] stopIds, final float[] logits) {
        if (ends.length < stopIds.length) {
            ends = new float[stopIds.length];
        }
        for (int i = 0; i < stopIds.length; i++) {
            ends[i] = logits[stopIds[i]];
        }
        for (int id = 0; id < logits.length; id++) {
            if (!allowed.has(id)) {
                logits[id] = Float.NEGATIVE_INFINITY;
            }
        }
        for (int i = 0; i < stopIds.length; i++) {
            logits[stopIds[i]] = allowed.mayEnd() ? ends[i] : Float.NEGATIVE_INFINITY;
        }
    }

    private static void forbidEnd(final int[] word, final int[] tokens, final int length, final float[] logits) {
        final int before = word.length - 1;
        if (before < 0 || before > length || word[before] >= logits.length) {
            return;
        }
        for (int i = 0; i < before; i++) {
            if (tokens[length - before + i] != word[i]) {
                return;
            }
        }
        logits[word[before]] = Float.NEGATIVE_INFINITY;
    }
}
