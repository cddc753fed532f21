package io.cheshire.router.api.core;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.router.api.protocol.ApiError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Responses in OpenAI's shapes, as trees. Pure. */
public final class ResponseJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ResponseJson() {}

    /** {@code {"error":{…}}}. */
    public static ObjectNode error(final ApiError error) {
        final ObjectNode root = JSON.objectNode();
        final ObjectNode node = root.putObject("error");
        node.put("message", error.message());
        node.put("type", error.type());
        node.put("param", error.param());
        node.put("code", error.code());
        return root;
    }

    /** One entry of {@code /v1/models}: the model under one of its names. */
    public static ObjectNode model(final ModelInfo model, final String name) {
        final ObjectNode node = JSON.objectNode();
        node.put("id", name);
        node.put("object", "model");
        node.put("created", model.createdSeconds());
        node.put("owned_by", "cheshire");
        node.put("root", model.id());
        node.putNull("parent");
        node.put("max_model_len", model.contextTokens());
        // Who sends token ids needs to know which there are: `cheshire bench serve` asks here.
        node.put("vocab_size", model.vocabSize());
        return node;
    }

    /** {@code GET /v1/models}. */
    public static ObjectNode models(final ModelInfo model) {
        final ObjectNode node = JSON.objectNode();
        node.put("object", "list");
        final ArrayNode data = node.putArray("data");
        model.names().forEach(name -> data.add(model(model, name)));
        return node;
    }

    /** The frame of a response or of a chunk, without choices. */
    public static ObjectNode head(
            final String id, final String object, final long createdSeconds, final ModelInfo model) {
        final ObjectNode node = JSON.objectNode();
        node.put("id", id);
        node.put("object", object);
        node.put("created", createdSeconds);
        node.put("model", model.id());
        node.put("system_fingerprint", model.fingerprint());
        return node;
    }

    /** {@code usage}. */
    public static ObjectNode usage(final long promptTokens, final long completionTokens, final long cachedTokens) {
        final ObjectNode node = JSON.objectNode();
        node.put("prompt_tokens", promptTokens);
        node.put("completion_tokens", completionTokens);
        node.put("total_tokens", promptTokens + completionTokens);
        node.putObject("prompt_tokens_details").put("cached_tokens", cachedTokens);
        return node;
    }

    /** A list of token ids. */
    public static ArrayNode ids(final List<Integer> ids) {
        final ArrayNode list = JSON.arrayNode();
        ids.forEach(list::add);
        return list;
    }

    /** Ids of tokens shown. */
    public static ArrayNode idsOf(final List<ScoredToken> tokens) {
        final ArrayNode list = JSON.arrayNode();
        tokens.forEach(token -> list.add(token.tokenId()));
        return list;
    }

    /** Sets {@code finish_reason}, null while a stream goes on. */
    public static void finishReason(final ObjectNode choice, final @Nullable String reason) {
        choice.put("finish_reason", reason);
    }
}
