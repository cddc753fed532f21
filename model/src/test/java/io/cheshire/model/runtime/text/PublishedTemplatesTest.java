package io.cheshire.model.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Published chat templates against what Jinja2 made of them. They are others' and not in this repository: those that
 * lie in the folder named by {@code cheshire.published-templates} are found by their SHA-256.
 */
class PublishedTemplatesTest {
    private static final String PROPERTY = "cheshire.published-templates";
    private static final int MAX_BYTES = 1 << 20;
    /**
     * Made for tools or documents, which are never passed: Jinja2 fails with them, too, or they name another filter.
     */
    private static final List<String> REFUSED = List.of(
            "llama.cpp--CohereForAI-c4ai-command-r-plus-tool_use",
            "llama.cpp--MiroThinker",
            "llama.cpp--NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use",
            "llama.cpp--deepseek-ai-DeepSeek-V3.2",
            "llama.cpp--deepseek-ai-DeepSeek-V4",
            "llama.cpp--fireworks-ai-llama-3-firefunction-v2",
            "mistral.rs--nousresearch_hermes2_pro_tool_use");

    @Test
    void shouldRenderThePublishedTemplatesAtHandAsJinja2OrRefuseThemAtStart() throws IOException {
        final Path folder = folder();
        final Map<String, String> sources = foundBelow(folder);
        final JsonNode goldens =
                ConversationTable.goldens("published-goldens.json").get("templates");
        final List<String> atHand = new ArrayList<>();
        try (ConversationTable table = new ConversationTable(TextDigest::sha256)) {
            for (final JsonNode golden : goldens) {
                final String source = sources.get(golden.get("sha256").asText());
                if (source != null) {
                    atHand.add(golden.get("id").asText());
                    table.check(golden, source);
                }
            }
            System.out.println(atHand.size() + " of " + goldens.size() + " published templates at hand in " + folder
                    + (atHand.isEmpty() ? "" : "; " + table));
            assumeFalse(atHand.isEmpty(), "no published template in " + folder + "; name a folder with -D" + PROPERTY);
            assertThat(table.different()).isEmpty();
            assertThat(table.refused().keySet())
                    .containsExactlyElementsOf(
                            REFUSED.stream().filter(atHand::contains).toList());
        }
    }

    /** A folder that isn't there unless somebody names one. */
    private static Path folder() {
        return Path.of(System.getProperty(PROPERTY, "published-templates"));
    }

    /** Texts by SHA-256: of files {@code *.jinja}, and of the member {@code chat_template} of files {@code *.json}. */
    private static Map<String, String> foundBelow(final Path folder) throws IOException {
        final Map<String, String> sources = new HashMap<>();
        if (!Files.isDirectory(folder)) {
            return sources;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (final Path file : files.filter(Files::isRegularFile).toList()) {
                final String source = source(file);
                sources.put(TextDigest.sha256(source), source);
            }
        }
        return sources;
    }

    private static String source(final Path file) throws IOException {
        final String name = file.toString();
        if (!(name.endsWith(".jinja") || name.endsWith(".json")) || Files.size(file) > MAX_BYTES) {
            return "";
        }
        try {
            final String text = Files.readString(file);
            return name.endsWith(".jinja")
                    ? text
                    : new ObjectMapper().readTree(text).path("chat_template").asText();
        } catch (final CharacterCodingException | JacksonException e) {
            return ""; // some other file
        }
    }
}
