package io.cheshire.model.runtime.text;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.protocol.ModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerJsonTest {
    private static final String HEAD = "{\"added_tokens\":[";
    private static final String MODEL = "],\"model\":{\"type\":\"BPE\",\"vocab\":{";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "\"a\":0,\"b\":10        | \"a b\"   |                             | 'b' is not in 0 .. 9",
                "\"a\":0,\"b\":-1        |           |                             | 'b' is not in 0 .. 9",
                "\"a\":0,\"b\":\"x\"     |           |                             | 'b' is not in 0 .. 9",
                "\"a\":0,\"b\":4294967296|           |                             | 'b' is not in 0 .. 9",
                "\"a\":0,\"b\":0         |           |                             | also belongs to 'a'",
                "\"a\":0,\"a\":1         |           |                             | Duplicate",
                "\"a\":0,\"b\":1         | \"a c\"   |                             | outside the vocabulary",
                "\"a\":0,\"b\":1         | \"a b\"   |                             | outside the vocabulary",
                "\"a\":0,\"b\":1         | [\"a\",\"c\"] |                         | outside the vocabulary",
                "\"a\":0                 |           | {\"id\":10,\"content\":\"x\"} | 'x' is not in 0 .. 9",
                "\"a\":0                 |           | {\"id\":0,\"content\":\"x\"}  | taken twice",
                "\"a\":0                 |           | {\"id\":1,\"content\":\"a\"}  | taken twice",
                "\"a\":0                 |           | {\"id\":1}                    | needs a content"
            })
    void shouldNameWhatIsWrong(final String vocab, final String merges, final String added, final String message) {
        final String json = HEAD + (added == null ? "" : added) + MODEL + vocab + "},\"merges\":["
                + (merges == null ? "" : merges) + "]}}";

        assertThatThrownBy(() -> TokenizerJson.parse(json.getBytes(StandardCharsets.UTF_8), 10))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining(message);
    }

    @Test
    void shouldRefuseTenMillionEntriesByTheirSize(@TempDir final Path directory) throws IOException {
        try (var channel = Files.newByteChannel(
                directory.resolve("tokenizer.json"),
                java.nio.file.StandardOpenOption.CREATE,
                java.nio.file.StandardOpenOption.WRITE)) {
            channel.position(TokenizerJson.MAX_BYTES).write(java.nio.ByteBuffer.allocate(1));
        }
        assertThatThrownBy(() -> TokenizerFiles.load(directory, 10, TextLimits.defaults()))
                .hasMessageContaining("the limit is " + TokenizerJson.MAX_BYTES);
    }

    @Test
    void shouldRefuseNestedAndBrokenJson() {
        assertThatThrownBy(() -> TokenizerJson.parse("[".repeat(100_000).getBytes(StandardCharsets.UTF_8), 10))
                .isInstanceOf(ModelException.class);
        assertThatThrownBy(() -> TokenizerJson.parse("{".getBytes(StandardCharsets.UTF_8), 10))
                .isInstanceOf(ModelException.class);
        assertThatThrownBy(() -> TokenizerJson.parse("[]".getBytes(StandardCharsets.UTF_8), 10))
                .isInstanceOf(ModelException.class);
    }

    @Test
    void shouldGiveUpOnATokenizerThatIsTooSlow(@TempDir final Path directory) throws IOException {
        Files.copy(MiniModel.directory().resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
        final TextLimits none = new TextLimits(1 << 20, Duration.ofNanos(1), 1, 1, Duration.ofSeconds(1), 1000);

        assertThatThrownBy(() -> TokenizerFiles.load(directory, MiniModel.VOCAB_SIZE, none))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("too slow");
    }

    @Test
    void shouldReportWhatTheLibraryRefuses(@TempDir final Path directory) throws IOException {
        Files.writeString(
                directory.resolve("tokenizer.json"),
                HEAD + MODEL + "\"a\":0},\"merges\":[]},\"normalizer\":{\"type\":\"No\"}}");

        assertThatThrownBy(() -> TokenizerFiles.load(directory, 10, TextLimits.defaults()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("tokenizer library refuses")
                .message()
                .doesNotContain("UnsatisfiedLink");
    }
}
