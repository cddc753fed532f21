package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model's files say about chat prompts.
 *
 * @param bosToken     text of the begin token, empty if none
 * @param eosToken     text of the end token, empty if none
 * @param chatTemplate Jinja source, or null if the model has none
 */
record TokenizerConfig(
        String bosToken, String eosToken, @Nullable String chatTemplate) {
    static final int MAX_TEMPLATE_CHARS = 256 << 10;

    /** Where models that also see pictures keep their template; one that only reads text never looks there. */
    private static final String PROCESSOR_FILE = "chat_template.json";

    private static final String MAIN = "default";
    private static final String KEY = ModelFile.TOKENIZER_CONFIG.fileName() + ": chat_template ";
    private static final String REMEDY =
            "; put the one to use into " + ModelFile.CHAT_TEMPLATE.fileName() + ", which wins over it";

    /**
     * Reads the template; {@code chat_template.jinja} wins over the JSON.
     *
     * @throws ModelException if there is one that can't be used, or only such as nobody would use
     */
    static TokenizerConfig of(final ModelDirectory directory, final TokenizerFlags flags) {
        final String separate = TextJson.text(directory, ModelFile.CHAT_TEMPLATE);
        final String template =
                separate != null ? separate : template(flags.config().path("chat_template"));
        if (template != null && template.length() > MAX_TEMPLATE_CHARS) {
            throw new ModelException(
                    "the chat template has " + template.length() + " characters; the limit is " + MAX_TEMPLATE_CHARS,
                    List.of());
        }
        if (template == null && directory.has(PROCESSOR_FILE)) {
            throw new ModelException(
                    PROCESSOR_FILE + " holds a template for pictures and text, which is not read; put its text into "
                            + ModelFile.CHAT_TEMPLATE.fileName() + ", or remove it",
                    List.of());
        }
        return new TokenizerConfig(
                flags.specials().text(SpecialTokens.BOS), flags.specials().text(SpecialTokens.EOS), template);
    }

    /** A string, or a list of {@code {name, template}} or an object of templates by name, of which "default" counts. */
    private static @Nullable String template(final JsonNode node) {
        if (node.isMissingNode() || node.isNull() || (node.isContainerNode() && node.isEmpty())) {
            return null;
        }
        if (node.isTextual()) {
            return node.textValue();
        }
        if (!node.isContainerNode()) {
            throw new ModelException(KEY + "is " + node + "; it must be a string, or templates with names", List.of());
        }
        final List<String> names = new ArrayList<>();
        String found = null;
        for (final JsonNode entry : named(node)) {
            final String name = entry.path("name").asText();
            if (name.isEmpty() || !entry.path("template").isTextual() || names.contains(name)) {
                throw new ModelException(
                        KEY + "must have templates with a name and a text each, and no name twice", List.of());
            }
            names.add(name);
            found = MAIN.equals(name) ? entry.path("template").textValue() : found;
        }
        if (found == null) {
            throw new ModelException(
                    KEY + "has templates called " + names + ", and none called \"" + MAIN + "\"" + REMEDY, List.of());
        }
        return found;
    }

    private static List<JsonNode> named(final JsonNode node) {
        final List<JsonNode> entries = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(entries::add);
        } else {
            node.properties()
                    .forEach(entry -> entries.add(com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
                            .objectNode()
                            .put("name", entry.getKey())
                            .set("template", entry.getValue())));
        }
        return entries;
    }
}
