package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The four forms of a completion's prompt, and of what is scored: a string, strings, token ids, lists of token ids. */
final class PromptParser {
    private final HttpLimits.Api limits;

    PromptParser(final HttpLimits.Api limits) {
        this.limits = limits;
    }

    List<Prompt> prompts(final FieldReader fields) {
        return prompts(fields, "prompt");
    }

    /** The same of a field of another name. */
    List<Prompt> prompts(final FieldReader fields, final String name) {
        final JsonNode value = fields.get(name);
        if (value == null) {
            throw fields.wrong(name, "is needed: a string, token ids, or a list of either");
        }
        if (value.isTextual()) {
            return List.of(text(fields, name, value.textValue()));
        }
        if (!value.isArray() || value.isEmpty()) {
            throw fields.wrong(name, "must be a string, token ids, or a list of either, and not empty");
        }
        if (value.get(0).isNumber()) {
            return List.of(new Prompt.Tokens(ids(value, name)));
        }
        if (value.size() > limits.prompts()) {
            throw fields.wrong(name, "has " + value.size() + " entries; the limit is " + limits.prompts());
        }
        final List<Prompt> prompts = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            prompts.add(entry(fields, name, value.get(0), value.get(i), name + "[" + i + "]"));
        }
        return prompts;
    }

    /** All entries are of the first one's kind. */
    private Prompt entry(
            final FieldReader fields,
            final String name,
            final JsonNode first,
            final JsonNode entry,
            final String field) {
        if (first.isTextual() && entry.isTextual()) {
            return text(fields, field, entry.textValue());
        }
        if (first.isArray() && entry.isArray() && !entry.isEmpty()) {
            return new Prompt.Tokens(ids(entry, field));
        }
        throw fields.wrong(
                field,
                "is " + JsonValues.shown(entry, false) + "; " + name
                        + " must hold strings only, or non-empty lists of token ids only");
    }

    private Prompt text(final FieldReader fields, final String field, final String text) {
        if (text.isEmpty()) {
            throw fields.wrong(field, "is empty; send at least one character");
        }
        return new Prompt.Text(text);
    }

    /** A JSON list of non-negative integers. */
    static List<Integer> ids(final JsonNode list, final String name) {
        final List<Integer> ids = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            final JsonNode id = list.get(i);
            if (!id.isInt() || id.intValue() < 0) {
                ids.add(FieldReader.integerOf(id, name + "[" + i + "]", 0, Integer.MAX_VALUE));
            } else {
                // Most requests of many ids come this way: no name is built for each.
                ids.add(id.intValue());
            }
        }
        return ids;
    }
}
