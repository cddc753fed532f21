package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code response_format}, vLLM's {@code structured_outputs} with its older names {@code guided_*}, {@code
 * allowed_token_ids} and {@code bad_words}. One form at most; whether it can be served shows when it is compiled.
 */
final class OutputRulesParser {
    private static final String FORMAT = "response_format";
    private static final String STRUCTURED = "structured_outputs";
    private static final String GRAMMAR =
            "is not supported: grammars are not implemented; use a regex, a choice or a JSON schema";
    private static final String WHITE_SPACE = "is not supported: white space is fixed; leave it out";
    private static final int BAD_WORDS = 128;

    private final HttpLimits.Api limits;

    OutputRulesParser(final HttpLimits.Api limits) {
        this.limits = limits;
    }

    OutputRules rules(final FieldReader fields) {
        final List<OutputForm> forms = new ArrayList<>();
        add(forms, responseFormat(fields));
        final JsonNode structured = fields.get(STRUCTURED);
        if (structured instanceof final ObjectNode object) {
            structured(new FieldReader(object, STRUCTURED), forms);
        } else if (structured != null && !(structured.isBoolean() && !structured.booleanValue())) {
            throw fields.wrong(STRUCTURED, "must be an object with json, regex or choice");
        }
        add(forms, json(fields, "guided_json", false));
        add(forms, regex(fields, "guided_regex"));
        add(forms, choice(fields, "guided_choice"));
        refuseGrammar(fields, "guided_grammar");
        if (forms.size() > 1) {
            throw ApiException.invalid(
                    forms.get(1).field(),
                    forms.get(1).field() + " and " + forms.getFirst().field()
                            + " both say which form the answer has; send one of them.");
        }
        return new OutputRules(forms.isEmpty() ? null : forms.getFirst(), allowedIds(fields), badWords(fields));
    }

    private static void add(final List<OutputForm> forms, final @Nullable OutputForm form) {
        if (form != null) {
            forms.add(form);
        }
    }

    private @Nullable OutputForm responseFormat(final FieldReader fields) {
        final JsonNode value = fields.get(FORMAT);
        if (value == null) {
            return null;
        }
        if (!(value instanceof final ObjectNode object)) {
            throw fields.wrong(FORMAT, "must be an object with a type");
        }
        return form(new FieldReader(object, FORMAT), "json_schema");
    }

    /** What {@code type} says; the schema is a member, or {@code format} itself as in the API of responses. */
    @Nullable
    OutputForm form(final FieldReader format, final String schemaField) {
        final String type = format.text("type", limits.identifierChars());
        final OutputForm form = switch (type) {
            case "text" -> null;
            case "json_object" -> object(format);
            case "json_schema" -> {
                if (schemaField.isEmpty()) {
                    yield schema(format);
                }
                if (!(format.get(schemaField) instanceof final ObjectNode object)) {
                    throw format.wrong(schemaField, "is needed: an object with name and schema");
                }
                final FieldReader inner = format.within(schemaField, object);
                final OutputForm made = schema(inner);
                inner.finish(Map.of());
                yield made;
            }
            case null, default -> throw format.wrong("type", "must be text, json_object or json_schema");
        };
        format.finish(Map.of());
        return form;
    }

    /** Together's, Anyscale's and llama.cpp's dialect has a schema beside the type. */
    private static OutputForm object(final FieldReader format) {
        final JsonNode schema = format.get("schema");
        if (schema != null && !schema.isObject()) {
            throw format.wrong("schema", "must be a JSON schema: an object");
        }
        return schema == null || schema.isEmpty()
                ? new OutputForm.JsonObject(format.nameOf("type"))
                : new OutputForm.JsonSchema(format.nameOf("schema"), schema.toString(), false);
    }

    private OutputForm schema(final FieldReader fields) {
        fields.text("name", limits.identifierChars());
        fields.text("description", limits.promptBytes());
        final boolean isStrict = fields.bool("strict", false);
        final JsonNode schema = fields.get("schema");
        if (schema == null) {
            throw fields.wrong("schema", "is needed: a JSON schema");
        }
        return new OutputForm.JsonSchema(fields.nameOf("schema"), schema.toString(), isStrict);
    }

    private void structured(final FieldReader fields, final List<OutputForm> forms) {
        add(forms, json(fields, "json", fields.bool("disable_additional_properties", false)));
        add(forms, regex(fields, "regex"));
        add(forms, choice(fields, "choice"));
        if (fields.bool("json_object", false)) {
            forms.add(new OutputForm.JsonObject(fields.nameOf("json_object")));
        }
        refuseGrammar(fields, "grammar");
        refuseGrammar(fields, "structural_tag");
        // There is one way to compute a form, so none to fall back from.
        fields.bool("disable_fallback", false);
        if (fields.bool("disable_any_whitespace", false)) {
            throw refused(fields.nameOf("disable_any_whitespace"), WHITE_SPACE);
        }
        fields.finish(Map.of("whitespace_pattern", "white space is fixed; leave it out."));
    }

    private static @Nullable OutputForm json(final FieldReader fields, final String name, final boolean isStrict) {
        final JsonNode value = fields.get(name);
        if (value == null) {
            return null;
        }
        if (!value.isObject() && !value.isTextual()) {
            throw fields.wrong(name, "must be a JSON schema: an object, or its text");
        }
        final String schema = value.isTextual() ? value.textValue() : value.toString();
        return new OutputForm.JsonSchema(fields.nameOf(name), schema, isStrict);
    }

    private @Nullable OutputForm regex(final FieldReader fields, final String name) {
        final String pattern = fields.text(name, limits.promptBytes());
        return pattern == null || pattern.isEmpty() ? null : new OutputForm.Regex(fields.nameOf(name), pattern);
    }

    private static @Nullable OutputForm choice(final FieldReader fields, final String name) {
        final JsonNode value = fields.get(name);
        if (value == null || (value.isArray() && value.isEmpty())) {
            return null;
        }
        final List<String> texts = texts(fields, name, value);
        return new OutputForm.Choice(fields.nameOf(name), texts);
    }

    private static List<String> texts(final FieldReader fields, final String name, final JsonNode value) {
        final List<String> texts = new ArrayList<>();
        if (!value.isArray()) {
            throw fields.wrong(name, "must be a list of strings");
        }
        for (final JsonNode text : value) {
            if (!text.isTextual() || text.textValue().isEmpty()) {
                throw fields.wrong(name, "must be a list of strings that aren't empty");
            }
            texts.add(text.textValue());
        }
        return texts;
    }

    private static void refuseGrammar(final FieldReader fields, final String name) {
        final JsonNode value = fields.get(name);
        if (value != null && !(value.isTextual() && value.textValue().isEmpty())) {
            throw refused(fields.nameOf(name), GRAMMAR);
        }
    }

    private static ApiException refused(final String field, final String why) {
        return new ApiException(ApiError.invalid(field, "unsupported_parameter", field + " " + why + "."));
    }

    private static Set<Integer> allowedIds(final FieldReader fields) {
        final JsonNode value = fields.get("allowed_token_ids");
        if (value == null) {
            return Set.of();
        }
        if (!value.isArray() || value.isEmpty()) {
            throw fields.wrong("allowed_token_ids", "must be a list of token ids, and not empty");
        }
        return new LinkedHashSet<>(PromptParser.ids(value, "allowed_token_ids"));
    }

    private static List<String> badWords(final FieldReader fields) {
        final JsonNode value = fields.get("bad_words");
        if (value == null) {
            return List.of();
        }
        final List<String> words = texts(fields, "bad_words", value);
        if (words.size() > BAD_WORDS) {
            throw fields.wrong("bad_words", "has " + words.size() + " entries; the limit is " + BAD_WORDS);
        }
        return words;
    }
}
