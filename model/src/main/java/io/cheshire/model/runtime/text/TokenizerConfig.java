package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.model.protocol.ModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tokenizer_config.json says about prompts.
 *
 * @param bosToken     text of the begin token, empty if none
 * @param eosToken     text of the end token, empty if none
 * @param chatTemplate Jinja source, or null if the model has none
 */
record TokenizerConfig(
        String bosToken, String eosToken, @Nullable String chatTemplate) {
    static final String FILE = "tokenizer_config.json";
    static final String TEMPLATE_FILE = "chat_template.jinja";
    static final int MAX_TEMPLATE_CHARS = 256 << 10;
    private static final int MAX_BYTES = 8 << 20;

    /** Reads the directory; an absent file gives empty values. {@code chat_template.jinja} wins over the JSON. */
    static TokenizerConfig read(final Path directory) {
        final JsonNode root = json(directory.resolve(FILE));
        final String separate = text(directory.resolve(TEMPLATE_FILE), MAX_TEMPLATE_CHARS * 4);
        final String template = separate != null ? separate : template(root.path("chat_template"));
        if (template != null && template.length() > MAX_TEMPLATE_CHARS) {
            throw new ModelException(
                    "the chat template has " + template.length() + " characters; the limit is " + MAX_TEMPLATE_CHARS,
                    List.of());
        }
        return new TokenizerConfig(tokenText(root.path("bos_token")), tokenText(root.path("eos_token")), template);
    }

    /** A string, or a list of {@code {name, template}} of which "default" counts. */
    private static @Nullable String template(final JsonNode node) {
        if (node.isTextual()) {
            return node.asText();
        }
        for (final JsonNode named : node) {
            if ("default".equals(named.path("name").asText())) {
                return named.path("template").asText();
            }
        }
        return null;
    }

    /** Older files give a token as an object with its content. */
    private static String tokenText(final JsonNode node) {
        return node.isObject() ? node.path("content").asText() : node.isTextual() ? node.asText() : "";
    }

    /** The file as JSON; a missing node if there is no file. */
    static JsonNode json(final Path file) {
        final String text = text(file, MAX_BYTES);
        if (text == null) {
            return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
        }
        try {
            return new ObjectMapper().readTree(text);
        } catch (final JsonProcessingException cause) {
            throw new ModelException(
                    file.getFileName() + " is not readable JSON: " + cause.getOriginalMessage(), List.of());
        }
    }

    static @Nullable String text(final Path file, final int maxBytes) {
        final byte[] bytes = bytes(file, maxBytes);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** The file, checked for size before it is read; null if there is none. */
    static byte @Nullable [] bytes(final Path file, final int maxBytes) {
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            final long size = Files.size(file);
            if (size > maxBytes) {
                throw new ModelException(
                        file.getFileName() + " has " + size + " bytes; the limit is " + maxBytes, List.of());
            }
            return Files.readAllBytes(file);
        } catch (final IOException cause) {
            throw new ModelException(file + " cannot be read", cause);
        }
    }
}
