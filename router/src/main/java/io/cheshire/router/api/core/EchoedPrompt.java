package io.cheshire.router.api.core;

import io.cheshire.router.core.TokenScores;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prompt given back before its completion.
 *
 * @param text    what is shown: the prompt as sent, or its tokens decoded; empty without a tokenizer
 * @param offsets characters before each token
 */
public record EchoedPrompt(String text, List<Integer> offsets) {
    public EchoedPrompt {
        offsets = List.copyOf(offsets);
    }

    /** An echo of {@code tokens}, shown as {@code original} if the request had text. */
    public static EchoedPrompt of(final TextModel model, final List<Integer> tokens, final @Nullable String original) {
        final List<Integer> offsets = new ArrayList<>(tokens.size());
        if (!model.hasTokenizer()) {
            tokens.forEach(token -> offsets.add(0));
            return new EchoedPrompt("", offsets);
        }
        final TextModel.Detokenizer detokenizer = model.newDetokenizer(List.of());
        final StringBuilder decoded = new StringBuilder();
        for (final int token : tokens) {
            offsets.add(original == null ? decoded.length() : Math.min(decoded.length(), original.length()));
            final String piece = detokenizer.push(token);
            decoded.append(piece.isEmpty() ? specialText(model, token) : piece);
        }
        decoded.append(detokenizer.finish());
        return new EchoedPrompt(original == null ? decoded.toString() : original, offsets);
    }

    /** Detokenizers skip special tokens, but a prompt is shown with them. */
    private static String specialText(final TextModel model, final int token) {
        final String text = model.tokenText(token);
        return text.indexOf('\uFFFD') >= 0 ? "" : text;
    }

    /** The prompt's tokens with their scores; the first has none, since nothing precedes it. */
    public List<ScoredToken> scored(final List<Integer> tokens, final List<TokenScores> scores) {
        final List<ScoredToken> scored = new ArrayList<>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            final TokenScores score = i == 0 || i > scores.size() ? null : scores.get(i - 1);
            scored.add(new ScoredToken(tokens.get(i), offsets.get(i), score));
        }
        return scored;
    }
}
