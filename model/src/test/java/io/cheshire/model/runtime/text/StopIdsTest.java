package io.cheshire.model.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.protocol.GateKind;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StopIdsTest {
    private static final TextSupport NO_TEXT = new TextSupport.TokenIdsOnly("none");

    @TempDir
    private Path directory;

    @Test
    void shouldUniteConfigGenerationConfigAndFamily() throws IOException {
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": [2, 7]}");
        try (TextSupport text = MiniModel.text()) {
            assertThat(StopIds.of(config(4080), ModelDirectory.open(directory), text))
                    .containsExactly(2, 7, 4080, 4081, 4087);
        }
    }

    @Test
    void shouldTakeASingleIdOrNone() throws IOException {
        assertThat(StopIds.of(config(5), ModelDirectory.open(directory), NO_TEXT))
                .containsExactly(5);
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": 9}");
        assertThat(StopIds.of(config(5), ModelDirectory.open(directory), NO_TEXT))
                .containsExactly(5, 9);
    }

    @Test
    void shouldRefuseAnIdOutsideTheVocabulary() throws IOException {
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": 4096}");
        assertThatThrownBy(() -> StopIds.of(config(5), ModelDirectory.open(directory), NO_TEXT))
                .hasMessageContaining("4096");
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": \"x\"}");
        assertThatThrownBy(() -> StopIds.of(config(5), ModelDirectory.open(directory), NO_TEXT))
                .hasMessageContaining("eos_token_id");
    }

    /** What else is in the file would change answers to requests that don't ask for it. */
    @Test
    void shouldEndAtTheTokenThatTheTokenizerCallsItsEnd() throws IOException {
        for (final String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(MiniModel.directory().resolve(file), directory.resolve(file));
        }
        final Path config = directory.resolve("tokenizer_config.json");
        Files.writeString(
                config,
                Files.readString(config).replace("\"eos_token\": \"<|endoftext|>\"", "\"eos_token\": \"</s>\""));
        Files.writeString(
                directory.resolve("generation_config.json"),
                "{\"temperature\": 0.1, \"top_p\": 0.5, \"repetition_penalty\": 1.5, \"eos_token_id\": null}");
        final ModelDirectory gate = ModelDirectory.open(directory);
        try (TextSupport text = TokenizerFiles.load(gate, MiniModel.VOCAB_SIZE, TextLimits.defaults())) {
            assertThat(StopIds.of(config(5), gate, text)).containsExactly(2, 5, 4080, 4081, 4087);
        }
    }

    private static ModelConfig config(final int eos) {
        return new ModelConfig(
                "phimoe",
                MiniModel.VOCAB_SIZE,
                32,
                48,
                2,
                4,
                2,
                8,
                8,
                2,
                1e-5,
                0.01,
                true,
                true,
                10000.0,
                null,
                64,
                null,
                false,
                GateKind.SPARSE_MIXER,
                1,
                List.of(eos),
                null);
    }
}
