package io.cheshire.model.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Chat templates of our own, each written as those of some family are, with ten conversations each, against what Jinja2
 * made of them: every one is equal, or its template is refused when it is loaded, and there is nothing else.
 */
class ChatTemplateTableTest {
    private static final Path TEMPLATES = ConversationTable.FOLDER.resolve("templates");
    private static final List<String> REFUSED = List.of(
            "own--refused-always-raises",
            "own--refused-block",
            "own--refused-pad-token",
            "own--refused-unknown-filter",
            "own--refused-wordwrap");

    @Test
    void shouldRenderEveryConversationAsJinja2OrRefuseTheTemplateAtStart() throws IOException {
        final List<String> ids = new ArrayList<>();
        try (ConversationTable table = new ConversationTable(UnaryOperator.identity())) {
            for (final JsonNode golden :
                    ConversationTable.goldens("goldens.json").get("templates")) {
                final String id = golden.get("id").asText();
                final String source = Files.readString(TEMPLATES.resolve(id + ".jinja"));
                assertThat(TextDigest.sha256(source))
                        .as(id)
                        .isEqualTo(golden.get("sha256").asText());
                table.check(golden, source);
                ids.add(id + ".jinja");
            }
            System.out.println("own " + table);
            assertThat(table.different()).isEmpty();
            assertThat(table.refused().keySet()).containsExactlyElementsOf(REFUSED);
        }
        try (Stream<Path> files = Files.list(TEMPLATES)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(ids)
                    .hasSizeGreaterThanOrEqualTo(40);
        }
    }
}
