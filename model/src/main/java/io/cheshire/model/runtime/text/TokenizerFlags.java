package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the files beside {@code tokenizer.json} ask of the tokenizer, worked into it: transformers changes the tokenizer
 * that it has read by {@code tokenizer_config.json}, and ids that leave this out are other ids. A flag is followed as
 * transformers follows it, or refused by name; one that changes no id and no text is left alone (docs/model-files.md
 * has the table).
 */
final class TokenizerFlags {
    static final String CONFIG = ModelFile.TOKENIZER_CONFIG.fileName();
    static final String MAP = ModelFile.SPECIAL_TOKENS_MAP.fileName();
    private static final String ADDED = ModelFile.ADDED_TOKENS.fileName();
    private static final String ADD_BOS = "add_bos_token";
    private static final String ADD_EOS = "add_eos_token";
    private static final List<String> TOKEN_FLAGS = List.of("single_word", "lstrip", "rstrip", "normalized", "special");

    /** True in none of the family's files, and not followed here. */
    private static final Map<String, String> REFUSED_IF_TRUE = Map.of(
            "clean_up_tokenization_spaces", "it removes spaces from answers after the fact; set it to false",
            "split_special_tokens", "it makes control tokens plain text; set it to false",
            "do_lower_case", "no tokenizer of this family has lower case only; remove it",
            "fix_mistral_regex", "it replaces the file's regex; put the right one into tokenizer.json and remove it");

    private final ObjectNode config;
    private final @Nullable ObjectNode addedTokens;
    private final SpecialTokens specials;
    private final List<String> problems = new ArrayList<>();

    private TokenizerFlags(
            final ObjectNode config, final @Nullable ObjectNode tokensMap, final @Nullable ObjectNode addedTokens) {
        this.config = config;
        this.addedTokens = addedTokens;
        this.specials = SpecialTokens.of(config, tokensMap, problems);
        checkFlags();
    }

    static TokenizerFlags read(final ModelDirectory directory) {
        final ObjectNode config = TextJson.read(directory, ModelFile.TOKENIZER_CONFIG);
        return new TokenizerFlags(
                config == null ? JsonNodeFactory.instance.objectNode() : config,
                TextJson.read(directory, ModelFile.SPECIAL_TOKENS_MAP),
                TextJson.read(directory, ModelFile.ADDED_TOKENS));
    }

    /** {@code tokenizer_config.json}; empty if there is none. */
    ObjectNode config() {
        return config;
    }

    SpecialTokens specials() {
        return specials;
    }

    static boolean isLlama(final ObjectNode config) {
        final String name = config.path("tokenizer_class").asText();
        return "LlamaTokenizer".equals(name) || "LlamaTokenizerFast".equals(name);
    }

    /**
     * Whether the class named puts a begin token in front although no file says so; null if that isn't left to the
     * class.
     */
    @Nullable
    Boolean beginsByClass() {
        final boolean stated = flag(ADD_BOS) != null || flag(ADD_EOS) != null;
        return (stated || !isLlama(config)) ? null : Boolean.TRUE;
    }

    /**
     * {@code tokenizer.json} as transformers uses it.
     *
     * @param tokenizer the file's content; left as it is
     * @throws ModelException listing every flag that can't be followed
     */
    ObjectNode appliedTo(final ObjectNode tokenizer) {
        final ObjectNode applied = tokenizer.deepCopy();
        checkModel(applied);
        final ArrayNode added = addedTokensOf(applied);
        final Map<String, ObjectNode> byContent = new LinkedHashMap<>();
        added.forEach(token -> {
            if (token instanceof final ObjectNode object) {
                byContent.put(object.path("content").asText(), object);
            }
        });
        final JsonNode vocab = applied.path("model").path("vocab");
        final int before = added.size();
        applyAddedTokensDecoder(added, byContent, vocab);
        checkAddedTokensFile(byContent, vocab);
        addSpecials(added, byContent, vocab);
        if (added.size() > before) {
            sortById(added);
        }
        applyEnds(applied, byContent, vocab);
        checkPrefixSpace(applied);
        if (!problems.isEmpty()) {
            throw new ModelException("the tokenizer cannot be used as its files ask", problems);
        }
        return applied;
    }

    private void checkFlags() {
        REFUSED_IF_TRUE.forEach((key, why) -> {
            if (Boolean.TRUE.equals(flag(key))) {
                problem(key, "is true, which is not served: " + why);
            }
        });
        final JsonNode remote = config.path("auto_map").path("AutoTokenizer");
        if (!remote.isMissingNode() && !remote.isNull()) {
            problem(
                    "auto_map",
                    "names a tokenizer of the model's own, " + remote + ", which is code that is never run;"
                            + " if tokenizer.json gives the same ids, remove it");
        }
    }

    /** Dropout chooses merges by chance: no two prompts of one text would be alike. */
    private void checkModel(final ObjectNode tokenizer) {
        final JsonNode dropout = tokenizer.path("model").path("dropout");
        if (!dropout.isMissingNode() && !dropout.isNull() && dropout.asDouble(1) != 0) {
            problems.add("tokenizer.json: model.dropout is " + dropout + "; prompts would be cut by chance; set it to"
                    + " null");
        }
    }

    private static ArrayNode addedTokensOf(final ObjectNode tokenizer) {
        return tokenizer.get("added_tokens") instanceof final ArrayNode there
                ? there
                : tokenizer.putArray("added_tokens");
    }

    /** Its flags win over those in tokenizer.json, and its tokens are added. */
    private void applyAddedTokensDecoder(
            final ArrayNode added, final Map<String, ObjectNode> byContent, final JsonNode vocab) {
        final JsonNode decoder = config.path("added_tokens_decoder");
        if (!decoder.isObject()) {
            if (!decoder.isMissingNode() && !decoder.isNull()) {
                problem("added_tokens_decoder", "must be an object that names a token for each id");
            }
            return;
        }
        decoder.properties().forEach(entry -> {
            final String content = entry.getValue().path("content").asText();
            final String what = "added_tokens_decoder." + entry.getKey();
            if (!entry.getKey().matches("[0-9]{1,9}") || content.isEmpty()) {
                problem(what, "is " + entry.getValue() + "; it needs a content, and its key must be a token id");
                return;
            }
            final int id = Integer.parseInt(entry.getKey());
            final int known = idOf(content, byContent, vocab);
            if (known >= 0 && known != id) {
                problem(what, "is '" + content + "', which is id " + known + " in tokenizer.json; make them agree");
                return;
            }
            final ObjectNode token = byContent.computeIfAbsent(
                    content, text -> added.addObject().put("id", id).put("content", text));
            for (final String flag : TOKEN_FLAGS) {
                final JsonNode value = entry.getValue().path(flag);
                if (!value.isMissingNode() && !value.isBoolean()) {
                    problem(what + "." + flag, "is " + value + "; it must be true or false");
                }
                // What transformers' AddedToken has where a file says nothing.
                final boolean absent = "normalized".equals(flag)
                        && !entry.getValue().path("special").booleanValue();
                token.put(flag, value.isBoolean() ? value.booleanValue() : absent);
            }
        });
    }

    /** The library numbers tokens beyond the vocabulary in the order in which it reads them. */
    private static void sortById(final ArrayNode added) {
        final List<JsonNode> sorted = new ArrayList<>();
        added.forEach(sorted::add);
        sorted.sort(Comparator.comparingLong(token -> token.path("id").asLong(-1)));
        added.removeAll().addAll(sorted);
    }

    private void checkAddedTokensFile(final Map<String, ObjectNode> byContent, final JsonNode vocab) {
        if (addedTokens == null) {
            return;
        }
        addedTokens.properties().forEach(entry -> {
            final int known = idOf(entry.getKey(), byContent, vocab);
            if (!entry.getValue().isInt() || entry.getValue().intValue() != known) {
                problems.add(ADDED + ": '" + entry.getKey() + "' is " + entry.getValue() + "; tokenizer.json "
                        + (known < 0 ? "has no such token" : "gives it id " + known) + "; make them agree");
            }
        });
    }

    /**
     * A special token is one token wherever it stands in a text, though tokenizer.json may have it in its vocabulary
     * only.
     */
    private void addSpecials(final ArrayNode added, final Map<String, ObjectNode> byContent, final JsonNode vocab) {
        specials.named().forEach((key, token) -> {
            if (!addSpecial(token, added, byContent, vocab)
                    && !specials.byClass().contains(key)) {
                problem(key, "is '" + token + "', which is not in tokenizer.json; add it there or remove it");
            }
        });
        for (final String token : specials.extra()) {
            if (!addSpecial(token, added, byContent, vocab)) {
                problem(
                        "additional_special_tokens",
                        "has '" + token + "', which is not in tokenizer.json; add it there or remove it");
            }
        }
    }

    /** Whether tokenizer.json knows it. */
    private static boolean addSpecial(
            final String token, final ArrayNode added, final Map<String, ObjectNode> byContent, final JsonNode vocab) {
        final int id = idOf(token, byContent, vocab);
        if (id >= 0 && !byContent.containsKey(token)) {
            final ObjectNode entry = added.addObject().put("id", id).put("content", token);
            TOKEN_FLAGS.forEach(flag -> entry.put(flag, "special".equals(flag)));
            byContent.put(token, entry);
        }
        return id >= 0;
    }

    /** A flag that is stated replaces the file's post-processor, which may say otherwise. */
    private void applyEnds(final ObjectNode tokenizer, final Map<String, ObjectNode> byContent, final JsonNode vocab) {
        final Boolean bos = flag(ADD_BOS);
        final Boolean eos = flag(ADD_EOS);
        if (bos == null && eos == null) {
            return;
        }
        final boolean begin = Boolean.TRUE.equals(bos);
        final boolean end = Boolean.TRUE.equals(eos);
        if (!begin && !end) {
            tokenizer.putNull("post_processor");
            return;
        }
        final ObjectNode processor = tokenizer.putObject("post_processor").put("type", "TemplateProcessing");
        final ArrayNode single = processor.putArray("single");
        final ObjectNode tokens = JsonNodeFactory.instance.objectNode();
        if (begin) {
            addEnd(single, tokens, ADD_BOS, SpecialTokens.BOS, byContent, vocab);
        }
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        if (end) {
            addEnd(single, tokens, ADD_EOS, SpecialTokens.EOS, byContent, vocab);
        }
        final ArrayNode pair = processor.putArray("pair").addAll(single.deepCopy());
        pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
        processor.set("special_tokens", tokens);
    }

    private void addEnd(
            final ArrayNode single,
            final ObjectNode tokens,
            final String flag,
            final String key,
            final Map<String, ObjectNode> byContent,
            final JsonNode vocab) {
        final String token = specials.text(key);
        final int id = idOf(token, byContent, vocab);
        if (id < 0) {
            problem(
                    flag,
                    "is true but " + key
                            + (token.isEmpty() ? " names no token" : " '" + token + "' is not in tokenizer.json"));
            return;
        }
        single.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
        final ObjectNode entry = tokens.putObject(token).put("id", token);
        entry.putArray("ids").add(id);
        entry.putArray("tokens").add(token);
    }

    private void checkPrefixSpace(final ObjectNode tokenizer) {
        final Boolean stated = flag("add_prefix_space");
        if (stated != null && stated != PrefixSpace.isAddedBy(tokenizer)) {
            problem(
                    "add_prefix_space",
                    "is " + stated + ", but tokenizer.json " + (stated ? "adds none" : "adds one")
                            + "; convert the tokenizer again, or make them agree");
        }
    }

    private static int idOf(final String content, final Map<String, ObjectNode> byContent, final JsonNode vocab) {
        final ObjectNode token = byContent.get(content);
        return token != null ? token.path("id").asInt(-1) : vocab.path(content).asInt(-1);
    }

    /** A flag of tokenizer_config.json; null where it isn't stated. */
    private @Nullable Boolean flag(final String key) {
        final JsonNode node = config.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (!node.isBoolean()) {
            final String text = CONFIG + ": " + key + " is " + node + "; it must be true or false";
            if (!problems.contains(text)) {
                problems.add(text);
            }
            return null;
        }
        return node.booleanValue();
    }

    private void problem(final String key, final String text) {
        problems.add(CONFIG + ": " + key + " " + text);
    }
}
