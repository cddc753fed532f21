package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonGenerator;
import io.cheshire.http.protocol.GenerationFields;
import io.cheshire.router.core.TokenScores;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an answer tells of its prompts, if asked: ids and scores. Each is told once, so that a stream needn't keep it.
 * Single-threaded.
 */
final class PromptMembers {
    private final PreparedCall call;
    private final boolean isChat;
    /** By choice; of a chat, which has one prompt, those of the choice that was first. */
    private final Map<Integer, List<TokenScores>> scores = new HashMap<>();

    PromptMembers(final PreparedCall call) {
        this.call = call;
        this.isChat = call.shape() instanceof Shape.Chat;
    }

    /** The prompt of a choice is computed. */
    void take(final int index, final ChoiceState choice) {
        final List<TokenScores> taken = choice.takePromptScores();
        if (call.fields().promptLogprobs() >= 0 && (!isChat || scores.isEmpty())) {
            scores.put(index, taken);
        }
    }

    /** Members of a choice, of a stream's of its first chunk. */
    void inChoice(final JsonGenerator json, final int index) throws IOException {
        ids(json, index);
        if (!isChat) {
            scores(json, index);
        }
    }

    /** Members beside the choices, of a stream of the first chunk of all, which is of this choice; chats have some. */
    void besideChoices(final JsonGenerator json, final int index) throws IOException {
        if (isChat) {
            ids(json, index);
            scores(json, index);
        }
    }

    private void ids(final JsonGenerator json, final int index) throws IOException {
        if (call.promptIds()) {
            json.writeArrayFieldStart("prompt_token_ids");
            for (final int tokenId : call.promptOf(index).tokens()) {
                json.writeNumber(tokenId);
            }
            json.writeEndArray();
        }
    }

    private void scores(final JsonGenerator json, final int index) throws IOException {
        final GenerationFields fields = call.fields();
        if (fields.promptLogprobs() >= 0) {
            PromptScores.write(json, call.shape().extras().labels(), scores.getOrDefault(index, List.of()), fields);
            scores.replace(index, List.of());
        }
    }
}
