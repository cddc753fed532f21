package io.cheshire.model.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the files beside tokenizer.json ask of the tokenizer is done, or refused by name; never left out. */
class TokenizerFlagsIT {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int BOS = 1;
    private static final int ENDOFTEXT = 4080;
    private static final int END = 4087;
    private static final int[] HELLO = {1062, 437};

    @TempDir
    private Path model;

    @BeforeEach
    void copyMini() throws IOException {
        for (final ModelFile file : List.of(ModelFile.TOKENIZER, ModelFile.TOKENIZER_CONFIG)) {
            Files.copy(MiniModel.directory().resolve(file.fileName()), model.resolve(file.fileName()));
        }
    }

    private void change(final ModelFile file, final Consumer<ObjectNode> change) throws IOException {
        final Path path = model.resolve(file.fileName());
        final JsonNode json = Files.exists(path) ? MAPPER.readTree(path.toFile()) : MAPPER.createObjectNode();
        change.accept((ObjectNode) json);
        Files.writeString(path, json.toString());
    }

    private void config(final String key, final String value) throws IOException {
        final JsonNode node = MAPPER.readTree(value);
        change(ModelFile.TOKENIZER_CONFIG, json -> json.set(key, node));
    }

    private TextSupport.Available load() {
        return (TextSupport.Available) TokenizerFiles.load(model, MiniModel.VOCAB_SIZE, TextLimits.defaults());
    }

    private int[] encoded(final String text) {
        try (TextSupport.Available loaded = load()) {
            return loaded.codec().encode(text, true, true);
        }
    }

    private static ObjectNode added(final ObjectNode tokenizer, final int id) {
        for (final JsonNode token : tokenizer.get("added_tokens")) {
            if (token.get("id").intValue() == id) {
                return (ObjectNode) token;
            }
        }
        throw new AssertionError("no added token " + id);
    }

    private static void addBeginInFile(final ObjectNode tokenizer) {
        try {
            tokenizer.set("post_processor", MAPPER.readTree("""
                            {"type":"TemplateProcessing",
                             "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
                             "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
                             "special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}
                            """));
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest(name = "add_bos_token {0}, add_eos_token {1}, tokenizer.json begins with <s>: {2}")
    @CsvSource({
        "false, false, false, 0, 0",
        "true , false, false, 1, 0",
        "true , true , false, 1, 1",
        "false, true , false, 0, 1",
        "null , true , false, 0, 1",
        "false, false, true , 0, 0",
        "false, null , true , 0, 0",
        "true , false, true , 1, 0",
        "null , null , true , 1, 0"
    })
    void shouldBeginAndEndAPromptAsTheFlagsSay(
            final String bos, final String eos, final boolean inFile, final int begins, final int ends)
            throws IOException {
        config("add_bos_token", bos);
        config("add_eos_token", eos);
        if (inFile) {
            change(ModelFile.TOKENIZER, TokenizerFlagsIT::addBeginInFile);
        }
        final int[] ids = encoded("Who is");

        assertThat(ids).hasSize(HELLO.length + begins + ends).containsSubsequence(HELLO);
        assertThat(ids[0] == BOS).isEqualTo(begins == 1);
        assertThat(ids[ids.length - 1] == ENDOFTEXT).isEqualTo(ends == 1);
        try (TextSupport.Available loaded = load()) {
            assertThat(loaded.codec().encode("Who is", true, false)).containsExactly(HELLO);
        }
    }

    /** One version of transformers begins a prompt by the class, another by tokenizer.json. */
    @Test
    void shouldAskForTheFlagWhenClassAndFileDisagree() throws IOException {
        change(ModelFile.TOKENIZER_CONFIG, json -> json.remove(List.of("add_bos_token", "add_eos_token")));

        assertThatThrownBy(this::load)
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll("tokenizer_config.json", "tokenizer_class", "state add_bos_token");
        config("tokenizer_class", "\"PreTrainedTokenizerFast\"");
        assertThat(encoded("Who is")).containsExactly(HELLO);
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "clean_up_tokenization_spaces ; true      ; is true, which is not served",
                "clean_up_tokenization_spaces ; \"no\"    ; true or false",
                "split_special_tokens         ; true      ; is true, which is not served",
                "do_lower_case                ; true      ; is true, which is not served",
                "fix_mistral_regex            ; true      ; is true, which is not served",
                "add_prefix_space             ; false     ; tokenizer.json adds one",
                "add_prefix_space             ; 1         ; true or false",
                "add_bos_token                ; \"yes\"   ; true or false",
                "bos_token                    ; 1         ; the text of a token",
                "eos_token                    ; \"<|x|>\" ; '<|x|>', which is not in tokenizer.json",
                "additional_special_tokens    ; [\"<|x|>\"] ; '<|x|>', which is not in tokenizer.json",
                "additional_special_tokens    ; \"<|x|>\" ; a list of tokens",
                "auto_map                     ; {\"AutoTokenizer\":[null,\"t.T\"]} ; never run",
                "added_tokens_decoder         ; []        ; an object",
                "added_tokens_decoder         ; {\"x\":{\"content\":\"<|end|>\"}}    ; must be a token id",
                "added_tokens_decoder         ; {\"4086\":{\"content\":\"<|end|>\"}} ; id 4087 in tokenizer.json",
                "added_tokens_decoder         ; {\"4087\":{\"content\":\"<|end|>\",\"rstrip\":1}} ; true or false",
                "added_tokens_decoder         ; {\"4087\":{\"content\":\"<|fin|>\"}} ; taken twice",
                "chat_template                ; 7         ; a string, or templates with names",
                "chat_template                ; [{\"name\":\"rag\",\"template\":\"a\"},"
                        + "{\"name\":\"tool_use\",\"template\":\"b\"}] ; [rag, tool_use]",
                "chat_template                ; {\"rag\":\"a\"} ; [rag]",
                "chat_template                ; [{\"name\":\"default\"}] ; a name and a text each"
            })
    void shouldRefuseByNameWhatItDoesNotDo(final String key, final String value, final String expected)
            throws IOException {
        config(key, value);

        assertThatThrownBy(this::load)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(expected)
                .hasMessageContaining(expected.equals("taken twice") ? "tokenizer.json" : key);
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "legacy                    ; true",
                "legacy                    ; null",
                "add_prefix_space          ; true",
                "add_prefix_space          ; null",
                "padding_side              ; \"right\"",
                "truncation_side           ; \"left\"",
                "model_max_length          ; 1000000000000000019884624838656",
                "use_default_system_prompt ; false",
                "sp_model_kwargs           ; {}",
                "spaces_between_special_tokens ; true",
                "tokenizer_class           ; \"TokenizersBackend\"",
                "backend                   ; \"tokenizers\"",
                "bos_token                 ; {\"content\":\"<s>\",\"lstrip\":false,\"__type\":\"AddedToken\"}",
                "additional_special_tokens ; [\"<|user|>\",{\"content\":\"<|end|>\"}]",
                "extra_special_tokens      ; {}",
                "chat_template             ; [{\"name\":\"rag\",\"template\":\"a\"},"
                        + "{\"name\":\"default\",\"template\":\"b\"}]"
            })
    void shouldLeaveAlonePromptsThatAFlagDoesNotConcern(final String key, final String value) throws IOException {
        config(key, value);

        assertThat(encoded("<|user|>\nWho is<|end|>")).containsExactly(4090, 1062, 437, END);
    }

    /** Flags of an added token in tokenizer_config.json win over those in tokenizer.json. */
    @Test
    void shouldTakeTheFlagsOfAnAddedTokenFromTheConfig() throws IOException {
        final String text = "a<|end|>\n b";
        final int[] before = encoded(text);
        config("added_tokens_decoder", """
                {"4087":{"content":"<|end|>","lstrip":false,"rstrip":false,"normalized":false,"special":true}}
                """);
        final int[] after = encoded(text);
        change(ModelFile.TOKENIZER_CONFIG, json -> json.remove("added_tokens_decoder"));
        change(ModelFile.TOKENIZER, json -> added(json, END).put("rstrip", false));

        assertThat(after).isNotEqualTo(before).containsExactly(encoded(text));
    }

    /** A token that only the vocabulary has is one token wherever it stands, once a file calls it special. */
    @Test
    void shouldAddSpecialTokensThatOnlyTheVocabularyHas() throws IOException {
        change(ModelFile.TOKENIZER, json -> {
            for (int i = 0; i < json.get("added_tokens").size(); i++) {
                if (json.get("added_tokens").get(i).get("id").intValue() == BOS) {
                    ((com.fasterxml.jackson.databind.node.ArrayNode) json.get("added_tokens")).remove(i);
                }
            }
        });

        assertThat(encoded("<s>Who is")).containsExactly(BOS, HELLO[0], HELLO[1]);
    }

    @Test
    void shouldRefuseFilesThatContradictEachOther() throws IOException {
        change(
                ModelFile.SPECIAL_TOKENS_MAP,
                json -> json.put("eos_token", "</s>").put("pad_token", "<unk>"));
        change(
                ModelFile.ADDED_TOKENS,
                json -> json.put("<|end|>", 4088).put("<|new|>", 5).put("<|user|>", 4090));

        assertThatThrownBy(this::load)
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("eos_token is '<|endoftext|>' in tokenizer_config.json and '</s>' in"
                        + " special_tokens_map.json; make them agree")
                .hasMessageContaining("added_tokens.json: '<|end|>' is 4088; tokenizer.json gives it id 4087")
                .hasMessageContaining("added_tokens.json: '<|new|>' is 5; tokenizer.json has no such token")
                .hasMessageNotContainingAny("<|user|>", "pad_token");
    }

    @Test
    void shouldReadSpecialTokensWhereverTheyStand() throws IOException {
        change(ModelFile.TOKENIZER_CONFIG, json -> json.remove(List.of("bos_token", "eos_token")));
        change(ModelFile.SPECIAL_TOKENS_MAP, json -> json.putObject("eos_token").put("content", "<|endoftext|>"));
        final TokenizerFlags flags = TokenizerFlags.read(ModelDirectory.open(model));

        assertThat(flags.specials().named())
                .containsAllEntriesOf(Map.of("bos_token", "<s>", "eos_token", "<|endoftext|>"));
    }

    /** Control tokens of a chat prompt and of a plain one would be found in different places. */
    @ParameterizedTest
    @ValueSource(strings = {"normalized"})
    void shouldRefuseAnAddedTokenThatItWouldCutInTwoWays(final String flag) throws IOException {
        change(ModelFile.TOKENIZER, json -> added(json, END).put(flag, true));

        assertThatThrownBy(this::load)
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll("added token '<|end|>'", flag + " true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lstrip", "single_word"})
    void shouldFollowOtherFlagsOfAddedTokens(final String flag) throws IOException {
        change(ModelFile.TOKENIZER, json -> added(json, END).put(flag, true));

        try (TextSupport.Available loaded = load()) {
            for (final String text : List.of("a <|end|> b", "a<|end|>b", "(<|end|>)")) {
                assertThat(loaded.codec().encode(List.of(new PromptPart(text, true)), Integer.MAX_VALUE))
                        .containsExactly(loaded.codec().encode(text, true, false));
            }
        }
    }

    /** As transformers 5 saves it: a space in front of the first word only, by the pre-tokenizer. */
    @ParameterizedTest
    @ValueSource(strings = {"first", "always", "never"})
    void shouldServeAMetaspaceTokenizer(final String scheme) throws IOException {
        change(
                ModelFile.TOKENIZER,
                json -> json.putNull("normalizer")
                        .putObject("pre_tokenizer")
                        .put("type", "Metaspace")
                        .put("replacement", "\u2581")
                        .put("prepend_scheme", scheme)
                        .put("split", false));
        config("add_prefix_space", Boolean.toString(!scheme.equals("never")));

        try (TextSupport.Available loaded = load()) {
            final String text = "<|user|>\nWho is<|end|>\n<|assistant|>\n";
            assertThat(loaded.codec().encode(List.of(new PromptPart(text, true)), Integer.MAX_VALUE))
                    .containsExactly(loaded.codec().encode(text, true, false));
        }
    }

    @Test
    void shouldRefuseATokenizerThatCutsByChance() throws IOException {
        change(ModelFile.TOKENIZER, json -> ((ObjectNode) json.get("model")).put("dropout", 0.1));

        assertThatThrownBy(this::load).hasMessageContaining("model.dropout is 0.1");
    }

    @Test
    void shouldRefuseATemplateWhereItIsNotRead() throws IOException {
        change(ModelFile.TOKENIZER_CONFIG, json -> json.remove("chat_template"));
        try (TextSupport.Available loaded = load()) {
            assertThat(loaded.chat().isSupported()).isFalse();
        }
        Files.writeString(model.resolve("chat_template.json"), "{\"chat_template\":\"x\"}");

        assertThatThrownBy(this::load).hasMessageContainingAll("chat_template.json", "chat_template.jinja");
        Files.writeString(model.resolve("chat_template.jinja"), "{{ messages[0].content }}");
        try (TextSupport.Available loaded = load()) {
            assertThat(loaded.chat().isSupported()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"})
    void shouldNameAFileThatIsBroken(final String file) throws IOException {
        for (final String broken : List.of("{\"a\":1,\"a\":2}", "[]", "{} {}", "{")) {
            Files.writeString(model.resolve(file), broken);
            assertThatThrownBy(this::load).isInstanceOf(ModelException.class).hasMessageContaining(file);
        }
        Files.write(model.resolve(file), new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
        assertThatThrownBy(this::load).hasMessageContainingAll(file, "UTF-8");
    }

    @Test
    void shouldTellTextsOfModelsApart() throws IOException {
        final String before = digest();
        Files.writeString(model.resolve("chat_template.jinja"), "{{ messages[0].content }}");
        final String after = digest();

        assertThat(before).hasSize(64).isNotEqualTo(after);
        assertThat(digest()).isEqualTo(after);
    }

    private String digest() {
        final ModelDirectory models = ModelDirectory.open(model);
        try (TextSupport text = TokenizerFiles.load(models, MiniModel.VOCAB_SIZE, TextLimits.defaults())) {
            return TextDigest.of(models, text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {" a", "  a  b ", "\n a", "a\t\tb  ", "   ", "a", " "})
    void shouldGiveBackSpacesAsTheyWere(final String text) {
        try (TextSupport.Available loaded = load()) {
            assertThat(loaded.codec().decodeAll(loaded.codec().encode(text, true, true)))
                    .isEqualTo(text);
        }
    }
}
