package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * What a call has cost so far, in tokens.
 *
 * @param promptTokens     count once however many choices the prompt has
 * @param completionTokens of all choices
 * @param cachedTokens     of the prompt, that weren't computed
 * @param acceptedTokens   of the completion, that had been guessed
 * @param rejectedTokens   that were guessed and not drawn: no part of the completion
 */
public record Usage(
        long promptTokens, long completionTokens, long cachedTokens, long acceptedTokens, long rejectedTokens) {
    /** As the field {@code usage} of an answer; guesses are named where there were any. */
    void write(final JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("usage");
        json.writeNumberField("prompt_tokens", promptTokens);
        json.writeNumberField("completion_tokens", completionTokens);
        json.writeNumberField("total_tokens", promptTokens + completionTokens);
        json.writeObjectFieldStart("prompt_tokens_details");
        json.writeNumberField("cached_tokens", cachedTokens);
        json.writeEndObject();
        if (acceptedTokens + rejectedTokens > 0) {
            json.writeObjectFieldStart("completion_tokens_details");
            json.writeNumberField("accepted_prediction_tokens", acceptedTokens);
            json.writeNumberField("rejected_prediction_tokens", rejectedTokens);
            json.writeEndObject();
        }
        json.writeEndObject();
    }
}
