package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The special tokens that a model's files name: {@code tokenizer_config.json}, then {@code special_tokens_map.json},
 * then what the class named defaults to. Two files that disagree are a problem, since versions of transformers choose
 * differently.
 *
 * @param named text by key, {@code bos_token} for instance; keys that name no token are left out
 * @param byClass keys that no file states; the model may do without these tokens
 * @param extra further ones, in the order of the files
 */
record SpecialTokens(SequencedMap<String, String> named, Set<String> byClass, SequencedSet<String> extra) {
    static final String BOS = "bos_token";
    static final String EOS = "eos_token";
    private static final List<String> KEYS =
            List.of(BOS, EOS, "unk_token", "pad_token", "sep_token", "cls_token", "mask_token");
    private static final List<String> LISTS = List.of("additional_special_tokens", "extra_special_tokens");

    /** What matters if two files disagree: a padding token, for instance, is never written. */
    private static final Set<String> WRITTEN = Set.of(BOS, EOS, "unk_token");

    /** Of {@code LlamaTokenizer}, whatever a file leaves out. */
    private static final Map<String, String> LLAMA = Map.of(BOS, "<s>", EOS, "</s>", "unk_token", "<unk>");

    static SpecialTokens of(
            final ObjectNode config, final @Nullable ObjectNode tokensMap, final List<String> problems) {
        final ObjectNode map = tokensMap == null ? JsonNodeFactory.instance.objectNode() : tokensMap;
        final SequencedMap<String, String> named = new LinkedHashMap<>();
        final Set<String> byClass = new LinkedHashSet<>();
        for (final String key : KEYS) {
            final String stated = text(config.path(key), TokenizerFlags.CONFIG + ": " + key, problems);
            final String mapped = text(map.path(key), TokenizerFlags.MAP + ": " + key, problems);
            if (stated != null && mapped != null && !stated.equals(mapped) && WRITTEN.contains(key)) {
                problems.add(key + " is '" + stated + "' in " + TokenizerFlags.CONFIG + " and '" + mapped + "' in "
                        + TokenizerFlags.MAP + "; make them agree");
            }
            final String classes = TokenizerFlags.isLlama(config) && !config.has(key) ? LLAMA.get(key) : null;
            final String token = stated != null ? stated : mapped != null ? mapped : classes;
            if (token != null) {
                named.put(key, token);
            }
            if (stated == null && mapped == null) {
                byClass.add(key);
            }
        }
        final SequencedSet<String> extra = new LinkedHashSet<>();
        for (final String key : LISTS) {
            addAll(extra, config.path(key), TokenizerFlags.CONFIG + ": " + key, problems);
            addAll(extra, map.path(key), TokenizerFlags.MAP + ": " + key, problems);
        }
        return new SpecialTokens(named, byClass, extra);
    }

    /** The text under a key; empty if it names no token. */
    String text(final String key) {
        return named.getOrDefault(key, "");
    }

    /** A list of tokens, or an object whose values are tokens. */
    private static void addAll(
            final Set<String> into, final JsonNode tokens, final String what, final List<String> problems) {
        if (!tokens.isMissingNode() && !tokens.isNull() && !tokens.isContainerNode()) {
            problems.add(what + " is " + tokens + "; it must be a list of tokens");
            return;
        }
        for (final JsonNode token : tokens) {
            final String text = text(token, what, problems);
            if (text != null) {
                into.add(text);
            }
        }
    }

    /** A string, or an object that holds it beside its flags; null where it names no token. */
    private static @Nullable String text(final JsonNode node, final String what, final List<String> problems) {
        final JsonNode content = node.isObject() ? node.path("content") : node;
        if (content.isTextual()) {
            return content.textValue().isEmpty() ? null : content.textValue();
        }
        if (!node.isMissingNode() && !node.isNull()) {
            problems.add(what + " is " + node + "; it must be the text of a token");
        }
        return null;
    }
}
