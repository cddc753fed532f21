package io.cheshire.ops.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a router would refuse at its start, {@code inspect} says before. */
@Timeout(120)
class InspectCommandTest {
    private static final Path MINI = Path.of(System.getProperty("cheshire.root", ".."), "models", "cheshire-mini");

    @TempDir
    private Path model;

    private String shown = "";

    @BeforeEach
    void writeModel() throws IOException {
        assertThat(run(
                        "synth",
                        model.toString(),
                        "--hidden",
                        "32",
                        "--ffn",
                        "16",
                        "--layers",
                        "1",
                        "--heads",
                        "2",
                        "--kv-heads",
                        "1",
                        "--vocab",
                        "4096"))
                .isZero();
        for (final String file : List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
            Files.copy(MINI.resolve(file), model.resolve(file));
        }
    }

    private int run(final String... arguments) {
        final PrintStream before = System.out;
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            return Main.run(arguments);
        } finally {
            System.setOut(before);
            shown = out.toString(StandardCharsets.UTF_8);
        }
    }

    private void replace(final String file, final String old, final String by) throws IOException {
        final String text = Files.readString(model.resolve(file));
        assertThat(text).contains(old);
        Files.writeString(model.resolve(file), text.replace(old, by));
    }

    @Test
    void shouldFindNothingWrongWithAGoodModel() {
        assertThat(run("inspect", model.toString())).isZero();
        assertThat(shown).contains("problems     none");
    }

    @Test
    void shouldNameAFlagThatIsNotFollowed() throws IOException {
        replace(
                "tokenizer_config.json",
                "\"clean_up_tokenization_spaces\": false",
                "\"clean_up_tokenization_spaces\": true");

        assertThat(run("inspect", model.toString())).isOne();
        assertThat(shown).contains("clean_up_tokenization_spaces is true");
    }

    @Test
    void shouldNameAStopIdOutsideTheVocabulary() throws IOException {
        replace("generation_config.json", "4087", "5000");

        assertThat(run("inspect", "--json", model.toString())).isOne();
        assertThat(shown).contains("stop id 5000");
    }

    @Test
    void shouldNameATokenizerThatIsALinkOutOfTheDirectory(@TempDir final Path elsewhere) throws IOException {
        Files.move(model.resolve("tokenizer.json"), elsewhere.resolve("tokenizer.json"));
        Files.createSymbolicLink(model.resolve("tokenizer.json"), elsewhere.resolve("tokenizer.json"));

        assertThat(run("inspect", model.toString())).isOne();
        assertThat(shown).contains("tokenizer.json is a symbolic link out of the model directory");
    }
}
