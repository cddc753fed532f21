package io.cheshire.router.api.protocol;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Fields that real clients send by habit. They are accepted only where their value asks for what happens anyway;
 * any other value is refused by name.
 */
final class HarmlessFields {
    private static final int METADATA_ENTRIES = 16;
    private static final int METADATA_CHARS = 512;

    private HarmlessFields() {}

    static void checkChat(final FieldReader fields) {
        emptyList(fields, "tools");
        emptyList(fields, "functions");
        textIn(fields, "tool_choice", "none", "auto");
        fields.bool("parallel_tool_calls", true);
        responseFormat(fields);
        modalities(fields);
        if (fields.bool("store", false)) {
            throw unsupported(fields, "store", "nothing is stored; send false or leave it out");
        }
        checkCommon(fields);
    }

    static void checkCompletion(final FieldReader fields) {
        checkCommon(fields);
    }

    private static void checkCommon(final FieldReader fields) {
        textIn(fields, "service_tier", "auto", "default");
        fields.text("safety_identifier", METADATA_CHARS);
        fields.text("prompt_cache_key", METADATA_CHARS);
        metadata(fields);
    }

    private static void emptyList(final FieldReader fields, final String name) {
        final JsonNode value = fields.get(name);
        if (value != null && !(value.isArray() && value.isEmpty())) {
            throw unsupported(fields, name, "only an empty list is accepted");
        }
    }

    private static void textIn(final FieldReader fields, final String name, final String... allowed) {
        final JsonNode value = fields.get(name);
        if (value == null) {
            return;
        }
        for (final String candidate : allowed) {
            if (candidate.equals(value.textValue())) {
                return;
            }
        }
        throw unsupported(fields, name, "only " + String.join(" and ", allowed) + " are accepted");
    }

    private static void responseFormat(final FieldReader fields) {
        final JsonNode value = fields.get("response_format");
        if (value == null) {
            return;
        }
        final JsonNode type = value.get("type");
        if (!value.isObject() || value.size() != 1 || type == null || !"text".equals(type.textValue())) {
            throw unsupported(fields, "response_format", "only {\"type\":\"text\"} is accepted");
        }
    }

    private static void modalities(final FieldReader fields) {
        final JsonNode value = fields.get("modalities");
        if (value != null
                && !(value.isArray()
                        && value.size() == 1
                        && "text".equals(value.get(0).textValue()))) {
            throw unsupported(fields, "modalities", "only [\"text\"] is accepted");
        }
    }

    private static void metadata(final FieldReader fields) {
        final JsonNode value = fields.get("metadata");
        if (value == null) {
            return;
        }
        if (!value.isObject() || value.size() > METADATA_ENTRIES) {
            throw fields.wrong("metadata", "must be an object of at most " + METADATA_ENTRIES + " strings");
        }
        for (final JsonNode entry : value) {
            if (!entry.isTextual() || entry.textValue().length() > METADATA_CHARS) {
                throw fields.wrong("metadata", "values must be strings of at most " + METADATA_CHARS + " characters");
            }
        }
    }

    private static ApiException unsupported(final FieldReader fields, final String name, final String remedy) {
        return new ApiException(ApiError.invalid(
                fields.nameOf(name),
                "unsupported_parameter",
                fields.nameOf(name) + " is not supported: " + remedy + "."));
    }
}
