package io.cheshire.router.api.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The four forms of a completion's prompt: a string, strings, token ids, lists of token ids. */
final class PromptParser {
    private final HttpLimits.Api limits;

    PromptParser(final HttpLimits.Api limits) {
        this.limits = limits;
    }

    List<Prompt> prompts(final FieldReader fields) {
        final JsonNode value = fields.get("prompt");
        if (value == null) {
            throw fields.wrong("prompt", "is needed: a string, token ids, or a list of either");
        }
        if (value.isTextual()) {
            return List.of(text(fields, value.textValue()));
        }
        if (!value.isArray() || value.isEmpty()) {
            throw fields.wrong("prompt", "must be a string, token ids, or a list of either, and not empty");
        }
        if (value.get(0).isNumber()) {
            return List.of(new Prompt.Tokens(ids(value, "prompt")));
        }
        if (value.size() > limits.prompts()) {
            throw fields.wrong("prompt", "has " + value.size() + " entries; the limit is " + limits.prompts());
        }
        final List<Prompt> prompts = new ArrayList<>(value.size());
        for (final JsonNode element : value) {
            if (element.isTextual() && value.get(0).isTextual()) {
                prompts.add(text(fields, element.textValue()));
            } else if (element.isArray() && value.get(0).isArray() && !element.isEmpty()) {
                prompts.add(new Prompt.Tokens(ids(element, "prompt")));
            } else {
                throw fields.wrong("prompt", "must hold strings only, or non-empty lists of token ids only");
            }
        }
        return prompts;
    }

    private Prompt text(final FieldReader fields, final String text) {
        if (text.isEmpty()) {
            throw fields.wrong("prompt", "is empty; send at least one character");
        }
        return new Prompt.Text(text);
    }

    /** A JSON list of non-negative integers. */
    static List<Integer> ids(final JsonNode list, final String name) {
        final List<Integer> ids = new ArrayList<>(list.size());
        for (final JsonNode element : list) {
            ids.add(FieldReader.integerOf(element, name, 0, Integer.MAX_VALUE));
        }
        return ids;
    }
}
