package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Why a choice ended.
 *
 * @param reason     {@code finish_reason}
 * @param stopReason what of the request ended it: a stop string, a token id, or null
 */
public record ChoiceEnd(@Nullable String reason, @Nullable Object stopReason) {
    void write(final JsonGenerator json) throws IOException {
        json.writeStringField("finish_reason", reason);
        if (stopReason instanceof final Integer tokenId) {
            json.writeNumberField("stop_reason", tokenId);
        } else {
            json.writeStringField("stop_reason", stopReason == null ? null : stopReason.toString());
        }
    }
}
