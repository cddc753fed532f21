package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonGenerator;
import io.cheshire.http.protocol.ToolFields;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers of one call in OpenAI's shapes, written token by token: an answer may be hundreds of times as large as what
 * it is made from, so it is never built. Single-threaded.
 */
public final class AnswerWriter {
    private final PreparedCall call;
    private final ModelInfo model;
    private final String id;
    private final long createdSeconds;
    /** Choices of a stream that had a chunk. */
    private final BitSet begun = new BitSet();

    private final PromptMembers prompts;
    /** What is found of calls, by choice; null: the request has no tools. */
    private final @Nullable ToolAnswer tools;

    /** A writer for {@code call}, whose responses have this id. */
    public AnswerWriter(final PreparedCall call, final ModelInfo model, final String id, final long createdSeconds) {
        this.call = call;
        this.model = model;
        this.id = id;
        this.createdSeconds = createdSeconds;
        this.prompts = new PromptMembers(call);
        final ToolFields fields = call.limits().tools();
        this.tools = fields == null ? null : new ToolAnswer(id, fields.isLegacy(), call.limits());
    }

    /** The prompt of a choice of a stream is computed. */
    public void takePrompt(final int index, final ChoiceState choice) {
        prompts.take(index, choice);
    }

    /** The next part of a choice of a stream; false if there is nothing to be shown of it. */
    public boolean take(final int index, final List<ShownPart> parts) {
        final boolean isShown = call.shape().isShown(parts);
        if (tools == null) {
            return isShown;
        }
        final Shape.Extras extras = call.shape().extras();
        return tools.take(index, ShownPart.textOf(parts)) || (isShown && (extras.logprobs() || extras.tokenIds()));
    }

    /** The choice is over. */
    public void takeEnd(final int index) {
        if (tools != null) {
            tools.end(index);
        }
    }

    /** Why a choice ended, as the API says it. */
    public ChoiceEnd end(final int index, final ChoiceState choice) {
        final String reason = choice.finishReason();
        return new ChoiceEnd(tools == null ? reason : tools.reason(index, reason), choice.stopReason());
    }

    /** The endpoint's choices begin with a chunk that says who speaks. */
    public boolean hasOpening() {
        return call.shape() instanceof Shape.Chat;
    }

    /** That chunk. */
    public void opening(final JsonGenerator json, final int index, final Usage soFar) throws IOException {
        startChunk(json);
        json.writeStartObject();
        json.writeNumberField("index", index);
        json.writeObjectFieldStart("delta");
        json.writeStringField("role", "assistant");
        json.writeStringField("content", "");
        json.writeEndObject();
        json.writeNullField("logprobs");
        json.writeNullField("finish_reason");
        endChunk(json, index, soFar);
    }

    /** A part of a choice; {@code ended} is null while it goes on. */
    public void delta(
            final JsonGenerator json,
            final int index,
            final List<ShownPart> parts,
            final @Nullable ChoiceEnd ended,
            final Usage soFar)
            throws IOException {
        startChunk(json);
        json.writeStartObject();
        json.writeNumberField("index", index);
        final boolean isEmpty = parts.stream().allMatch(ShownPart::isEmpty);
        if (hasOpening()) {
            json.writeObjectFieldStart("delta");
            if (tools != null) {
                tools.delta(json, index);
            } else if (!isEmpty) {
                json.writeStringField("content", ShownPart.textOf(parts));
            }
            json.writeEndObject();
        } else {
            json.writeStringField("text", ShownPart.textOf(parts));
        }
        tokens(json, parts, !(hasOpening() && parts.stream().allMatch(part -> part.from() == part.to())));
        if (ended == null) {
            json.writeNullField("finish_reason");
        } else {
            ended.write(json);
        }
        endChunk(json, index, soFar);
    }

    /** The last chunk of a stream that asked for usage. */
    public void usageChunk(final JsonGenerator json, final Usage usage) throws IOException {
        head(json, call.shape().chunkObject());
        json.writeArrayFieldStart("choices");
        json.writeEndArray();
        usage.write(json);
        json.writeEndObject();
    }

    /** The whole response. */
    public void whole(final JsonGenerator json, final List<ChoiceState> choices, final Usage usage) throws IOException {
        head(json, call.shape().object());
        json.writeArrayFieldStart("choices");
        for (int index = 0; index < choices.size(); index++) {
            final List<ShownPart> parts = choices.get(index).parts();
            json.writeStartObject();
            json.writeNumberField("index", index);
            if (hasOpening()) {
                json.writeObjectFieldStart("message");
                json.writeStringField("role", "assistant");
                if (tools == null) {
                    json.writeStringField("content", ShownPart.textOf(parts));
                } else {
                    tools.whole(json, index, ShownPart.textOf(parts));
                }
                json.writeNullField("refusal");
                json.writeEndObject();
            } else {
                json.writeStringField("text", ShownPart.textOf(parts));
            }
            tokens(json, parts, true);
            end(index, choices.get(index)).write(json);
            prompts.take(index, choices.get(index));
            prompts.inChoice(json, index);
            json.writeEndObject();
        }
        json.writeEndArray();
        prompts.besideChoices(json, 0);
        usage.write(json);
        json.writeEndObject();
    }

    private void tokens(final JsonGenerator json, final List<ShownPart> parts, final boolean hasTokens)
            throws IOException {
        final Shape.Extras extras = call.shape().extras();
        if (!extras.logprobs() || !hasTokens) {
            json.writeNullField("logprobs");
        } else {
            json.writeFieldName("logprobs");
            if (hasOpening()) {
                extras.labels().chat(json, parts);
            } else {
                extras.labels().completion(json, parts, call.fields().entropies());
            }
        }
        if (extras.tokenIds()) {
            json.writeArrayFieldStart("token_ids");
            for (final ShownPart part : parts) {
                for (int i = part.from(); i < part.to(); i++) {
                    json.writeNumber(part.tokens().id(i));
                }
            }
            json.writeEndArray();
        }
    }

    private void startChunk(final JsonGenerator json) throws IOException {
        head(json, call.shape().chunkObject());
        json.writeArrayFieldStart("choices");
    }

    /**
     * What is told of the prompt stands in a choice's first chunk; of a chat in the response's first one, as vLLM has
     * it.
     */
    private void endChunk(final JsonGenerator json, final int index, final Usage soFar) throws IOException {
        final boolean isResponsesFirst = begun.isEmpty();
        if (!begun.get(index)) {
            begun.set(index);
            prompts.inChoice(json, index);
        }
        json.writeEndObject();
        json.writeEndArray();
        if (isResponsesFirst) {
            prompts.besideChoices(json, index);
        }
        if (call.fields().continuousUsage()) {
            soFar.write(json);
        } else if (call.fields().includeUsage()) {
            json.writeNullField("usage");
        }
        json.writeEndObject();
    }

    private void head(final JsonGenerator json, final String object) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id);
        json.writeStringField("object", object);
        json.writeNumberField("created", createdSeconds);
        json.writeStringField("model", model.id());
        json.writeStringField("system_fingerprint", model.fingerprint());
    }
}
