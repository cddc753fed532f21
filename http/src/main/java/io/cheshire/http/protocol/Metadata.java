package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A user's labels of a response or a batch: kept and shown as they came, and without effect. */
final class Metadata {
    private static final String FIELD = "metadata";
    private static final int MOST_KEYS = 16;
    private static final int MOST_CHARS = 512;

    private Metadata() {}

    /**
     * Reads them; a label that is null is none. Null: there is no such field.
     *
     * @throws ApiException they aren't a few short strings
     */
    static @Nullable ObjectNode of(final FieldReader fields) {
        final JsonNode value = fields.get(FIELD);
        if (value == null) {
            return null;
        }
        if (!value.isObject() || value.size() > MOST_KEYS) {
            throw fields.wrong(FIELD, "must be an object with at most " + MOST_KEYS + " members");
        }
        final ObjectNode labels = JsonNodeFactory.instance.objectNode();
        for (final Map.Entry<String, JsonNode> label : value.properties()) {
            final JsonNode text = label.getValue();
            if (!text.isNull()) {
                if (!text.isTextual() || text.textValue().length() > MOST_CHARS) {
                    throw fields.wrong(FIELD, "must have strings of at most " + MOST_CHARS + " characters");
                }
                labels.set(label.getKey(), text);
            }
        }
        return labels;
    }
}
