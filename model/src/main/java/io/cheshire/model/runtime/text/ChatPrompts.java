package io.cheshire.model.runtime.text;

import io.cheshire.model.core.jinja.Template;
import io.cheshire.model.core.jinja.Text;
import io.cheshire.model.protocol.ModelException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Conversations to token ids with the model's chat template. Safe from any thread; blocks until rendered, so not for an
 * event loop.
 *
 * <p>A template gives one string in which the text of a user could pass for a control token. So every character of a
 * message keeps its origin through whatever the template does with it: trimming, cutting, replacing, quoting. Only what
 * the template wrote itself is searched for control tokens.
 */
public final class ChatPrompts implements AutoCloseable {
    /** Roles a message may have. A fixed list, since templates write the role between control marks. */
    public static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool", "tool_response");

    private final TextCodec codec;
    private final ChatVariables variables;
    private final TemplateRenderer renderer;
    private final @Nullable Template template;
    private final String templateSha256;
    private final boolean hasToolMarks;

    /** @throws ModelException if the template cannot be rendered as Jinja2 would */
    ChatPrompts(final TextCodec codec, final TokenizerConfig config, final TextLimits limits) {
        this(codec, config, limits, LocalDateTime::now);
    }

    /** @param now local time for templates that write the date */
    ChatPrompts(
            final TextCodec codec,
            final TokenizerConfig config,
            final TextLimits limits,
            final Supplier<LocalDateTime> now) {
        this.codec = codec;
        this.variables = new ChatVariables(config);
        this.templateSha256 = config.chatTemplate() == null ? "none" : TextDigest.sha256(config.chatTemplate());
        this.renderer = new TemplateRenderer(limits);
        try {
            this.template = ChatTemplateCheck.checked(config, renderer, limits, now);
            this.hasToolMarks = ToolMarks.are(template, variables, renderer, codec);
        } catch (final ModelException refused) {
            renderer.close();
            throw refused;
        }
    }

    /** Whether the model has a chat template. */
    public boolean isSupported() {
        return template != null;
    }

    /** Whether turns may have {@link ChatMessage#tools} and {@link ChatMessage#calls}: Phi-4-mini's format. */
    public boolean hasToolMarks() {
        return hasToolMarks;
    }

    /** SHA-256 of the template's source in lower-case hexadecimal; {@code none} if there is none. */
    String templateSha256() {
        return templateSha256;
    }

    /**
     * Ids of a conversation.
     *
     * @param addGenerationPrompt end with the mark that makes the model answer
     * @throws TextException the reason by kind
     */
    public int[] encode(final List<ChatMessage> messages, final boolean addGenerationPrompt) {
        return encode(messages, addGenerationPrompt, Integer.MAX_VALUE);
    }

    /** The same, but a prompt that can't have as few as {@code maxTokens} is refused before it is tokenised. */
    public int[] encode(final List<ChatMessage> messages, final boolean addGenerationPrompt, final int maxTokens) {
        return codec.encode(render(messages, addGenerationPrompt), maxTokens);
    }

    /**
     * The same, but the last message goes on: the prompt ends behind its text.
     *
     * @throws TextException also if the template doesn't write that text last
     */
    public int[] encodeOpen(final List<ChatMessage> messages, final int maxTokens) {
        final List<PromptPart> parts = render(messages, false);
        int end = parts.size();
        while (end > 0 && parts.get(end - 1).trusted()) {
            end--;
        }
        final String last = messages.getLast().content().strip();
        if (end == 0
                || last.isEmpty()
                || !last.endsWith(parts.get(end - 1).text().strip())) {
            throw new TextException(
                    TextException.Kind.TEMPLATE,
                    "the model's chat template doesn't write the last message's text last, so it can't be continued"
                            + TemplateRenderer.INSTEAD);
        }
        return codec.encode(parts.subList(0, end), maxTokens);
    }

    /** The prompt in parts: what the template wrote and what the messages say. */
    List<PromptPart> render(final List<ChatMessage> messages, final boolean addGenerationPrompt) {
        if (template == null) {
            throw new TextException(
                    TextException.Kind.TEMPLATE,
                    "the model has no chat template (tokenizer_config.json, chat_template.jinja): use /v1/completions");
        }
        messages.forEach(ChatPrompts::checkRole);
        final Text prompt = renderer.render(template, variables.of(messages, addGenerationPrompt));
        final List<PromptPart> parts = new ArrayList<>();
        prompt.stretches().forEach(stretch -> parts.add(new PromptPart(stretch.text(), !stretch.foreign())));
        return parts;
    }

    private static void checkRole(final ChatMessage message) {
        if (!ROLES.contains(message.role())) {
            throw new TextException(
                    TextException.Kind.INVALID, "role '" + message.role() + "' is not one of " + sortedRoles());
        }
    }

    private static List<String> sortedRoles() {
        return ROLES.stream().sorted().toList();
    }

    @Override
    public void close() {
        renderer.close();
    }
}
