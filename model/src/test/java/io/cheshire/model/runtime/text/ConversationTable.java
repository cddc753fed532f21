package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.model.protocol.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Renders templates in the conversations of goldens.json, and counts what is as Jinja2 made it and what isn't. */
final class ConversationTable implements AutoCloseable {
    static final Path FOLDER = Path.of("src/test/resources/chat-templates");

    private static final LocalDateTime NOW = LocalDateTime.of(2026, 2, 3, 4, 5, 6);
    private static final TextLimits LIMITS =
            new TextLimits(1 << 20, Duration.ofSeconds(60), 1, 8, Duration.ofSeconds(60), 1 << 20);

    private final TextSupport.Available model = MiniModel.text();
    private final JsonNode conversations = goldens("goldens.json").get("conversations");
    private final UnaryOperator<String> recorded;
    private final Map<String, String> refused = new TreeMap<>();
    private final List<String> different = new ArrayList<>();
    private int templates;
    private int texts;
    private int refusals;

    /** @param recorded how the goldens note a text or a raised message: as it is, or its digest */
    ConversationTable(final UnaryOperator<String> recorded) throws IOException {
        this.recorded = recorded;
    }

    static JsonNode goldens(final String file) throws IOException {
        return new ObjectMapper().readTree(FOLDER.resolve(file).toFile());
    }

    /** @param golden a template of a golden file, with {@code id} and {@code results} by conversation */
    void check(final JsonNode golden, final String source) {
        templates++;
        final String id = golden.get("id").asText();
        try (ChatPrompts chat =
                new ChatPrompts(model.codec(), new TokenizerConfig("<s>", "</s>", source), LIMITS, () -> NOW)) {
            for (final var result : golden.get("results").properties()) {
                final String answer = answer(chat, conversations.get(result.getKey()));
                if (!answer.equals(expected(result.getValue()))) {
                    different.add(id + "/" + result.getKey() + ": " + answer);
                }
                texts += result.getValue().has("text") ? 1 : 0;
                refusals += result.getValue().has("text") ? 0 : 1;
            }
        } catch (final ModelException atStart) {
            refused.put(id, String.valueOf(atStart.getMessage()));
        }
    }

    /** Names of templates that were refused when they were loaded, and why. */
    Map<String, String> refused() {
        return refused;
    }

    /** Conversations in which something else came out than with Jinja2. */
    List<String> different() {
        return different;
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder()
                .append(templates)
                .append(" templates: ")
                .append(templates - refused.size())
                .append(" served (")
                .append(texts)
                .append(" prompts and ")
                .append(refusals)
                .append(" refusals by the template), ")
                .append(refused.size())
                .append(" refused at start, ")
                .append(different.size())
                .append(" conversations different");
        refused.forEach(
                (id, reason) -> text.append("\n  ").append(id).append(": ").append(reason));
        return text.toString();
    }

    private static String expected(final JsonNode result) {
        return result.has("text")
                ? "=" + result.get("text").asText()
                : result.has("raised") ? "INVALID " + result.get("raised").asText() : "TEMPLATE";
    }

    private String answer(final ChatPrompts chat, final JsonNode conversation) {
        final List<ChatMessage> messages = new ArrayList<>();
        for (final JsonNode message : conversation.get("messages")) {
            messages.add(new ChatMessage(
                    message.get("role").asText(), message.get("content").asText()));
        }
        try {
            final StringBuilder text = new StringBuilder();
            chat.render(messages, conversation.get("generate").asBoolean()).forEach(part -> text.append(part.text()));
            return "=" + recorded.apply(text.toString());
        } catch (final TextException refusal) {
            if (refusal.kind() != TextException.Kind.INVALID) {
                return refusal.kind().name();
            }
            final String raised = String.valueOf(refusal.getMessage())
                    .replace("the model's chat template refuses these messages: ", "");
            return "INVALID " + recorded.apply(raised);
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
