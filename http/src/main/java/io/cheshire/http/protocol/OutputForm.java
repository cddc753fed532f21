package io.cheshire.http.protocol;

import java.util.List;

/** The form that an answer's text must have. */
public sealed interface OutputForm {
    /** The request's field that asks for it. */
    String field();

    /** Any object of JSON. */
    record JsonObject(String field) implements OutputForm {}

    /**
     * A value of JSON.
     *
     * @param schema JSON Schema, as JSON
     */
    record JsonSchema(String field, String schema, boolean isStrict) implements OutputForm {}

    /** A text that matches a regular expression from start to end. */
    record Regex(String field, String pattern) implements OutputForm {}

    /** One of these texts. */
    record Choice(String field, List<String> texts) implements OutputForm {
        public Choice {
            texts = List.copyOf(texts);
        }
    }
}
