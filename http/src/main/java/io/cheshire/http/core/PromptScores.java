package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonGenerator;
import io.cheshire.http.protocol.GenerationFields;
import io.cheshire.router.core.TokenScores;
import java.io.IOException;
import java.util.List;

/** {@code prompt_logprobs} as vLLM has them: of each token of the prompt but the first, how likely it was. Pure. */
final class PromptScores {
    private PromptScores() {}

    /**
     * Writes them, and {@code prompt_entropies} if wanted.
     *
     * @param scores of the prompt's tokens from the second on; an echo may have asked for more of the best
     */
    static void write(
            final JsonGenerator json,
            final TokenLabels labels,
            final List<TokenScores> scores,
            final GenerationFields fields)
            throws IOException {
        json.writeArrayFieldStart("prompt_logprobs");
        json.writeNull();
        for (final TokenScores one : scores) {
            token(
                    json,
                    labels,
                    one,
                    Math.min(fields.promptLogprobs(), one.best().size()));
        }
        json.writeEndArray();
        if (fields.entropies()) {
            json.writeArrayFieldStart("prompt_entropies");
            json.writeNull();
            for (final TokenScores one : scores) {
                json.writeNumber(one.entropy());
            }
            json.writeEndArray();
        }
    }

    private static void token(
            final JsonGenerator json, final TokenLabels labels, final TokenScores one, final int bestCount)
            throws IOException {
        json.writeStartObject();
        boolean isAmongBest = false;
        for (int i = 0; i < bestCount; i++) {
            final TokenScores.Candidate candidate = one.best().get(i);
            isAmongBest |= candidate.tokenId() == one.tokenId();
            entry(json, labels, candidate.tokenId(), candidate.logprob(), i + 1);
        }
        if (!isAmongBest) {
            entry(json, labels, one.tokenId(), one.logprob(), one.rank());
        }
        json.writeEndObject();
    }

    private static void entry(
            final JsonGenerator json, final TokenLabels labels, final int tokenId, final float logprob, final int rank)
            throws IOException {
        json.writeObjectFieldStart(Integer.toString(tokenId));
        json.writeNumberField("logprob", TokenLabels.finite(logprob));
        json.writeStringField("decoded_token", labels.alternative(tokenId, false));
        json.writeNumberField("rank", rank);
        json.writeEndObject();
    }
}
