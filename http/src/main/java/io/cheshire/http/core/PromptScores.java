package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonGenerator;
import io.cheshire.router.core.TokenScores;
import java.io.IOException;
import java.util.List;

/** {@code prompt_logprobs} as vLLM has them: of each token of the prompt but the first, how likely it was. Pure. */
final class PromptScores {
    private PromptScores() {}

    /** @param scores of the prompt's tokens from the second on */
    static void write(final JsonGenerator json, final TokenLabels labels, final List<TokenScores> scores)
            throws IOException {
        json.writeArrayFieldStart("prompt_logprobs");
        json.writeNull();
        for (final TokenScores one : scores) {
            json.writeStartObject();
            boolean isAmongBest = false;
            for (int i = 0; i < one.best().size(); i++) {
                final TokenScores.Candidate candidate = one.best().get(i);
                isAmongBest |= candidate.tokenId() == one.tokenId();
                entry(json, labels, candidate.tokenId(), candidate.logprob());
                json.writeNumberField("rank", i + 1);
                json.writeEndObject();
            }
            if (!isAmongBest) {
                entry(json, labels, one.tokenId(), one.logprob());
                // Nobody counted those before it.
                json.writeNullField("rank");
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** An object that is left open. */
    private static void entry(
            final JsonGenerator json, final TokenLabels labels, final int tokenId, final float logprob)
            throws IOException {
        json.writeObjectFieldStart(Integer.toString(tokenId));
        json.writeNumberField("logprob", TokenLabels.finite(logprob));
        json.writeStringField("decoded_token", labels.alternative(tokenId, false));
    }
}
