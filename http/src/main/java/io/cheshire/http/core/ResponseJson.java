package io.cheshire.http.core;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.protocol.ApiError;

/** Small responses in OpenAI's shapes, as trees; answers are written by {@link AnswerWriter}. Pure. */
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
}
