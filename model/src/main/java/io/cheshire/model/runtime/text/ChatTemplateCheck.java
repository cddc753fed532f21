package io.cheshire.model.runtime.text;

import io.cheshire.model.core.jinja.Template;
import io.cheshire.model.core.jinja.TemplateFault;
import io.cheshire.model.protocol.ModelException;
import java.time.LocalDateTime;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a chat template renders as Jinja2 would, found out before anybody chats: it is parsed, every filter, test,
 * function and method in it must be known, and it must render some conversations.
 */
final class ChatTemplateCheck {
    private static final String REMEDY =
            "; set cheshire.model.chat-template = FILE to use another template, or = none to serve without chat";
    private static final ChatMessage SYSTEM = new ChatMessage("system", "Be brief.");
    private static final ChatMessage USER = new ChatMessage("user", "Wie groß ist 17 + 25? \uD83D\uDE00");
    private static final ChatMessage ASSISTANT = new ChatMessage("assistant", "It is 42.");
    private static final List<List<ChatMessage>> SAMPLES = List.of(
            List.of(USER),
            List.of(SYSTEM, USER),
            List.of(USER, ASSISTANT, USER),
            List.of(SYSTEM, USER, ASSISTANT, USER, ASSISTANT, USER));

    private ChatTemplateCheck() {}

    /**
     * The model's template, checked; null if it has none.
     *
     * @throws ModelException naming what Jinja2 has and this server has not, with its line, and the remedy
     */
    static @Nullable Template checked(
            final TokenizerConfig config,
            final TemplateRenderer renderer,
            final TextLimits limits,
            final Supplier<LocalDateTime> now) {
        if (config.chatTemplate() == null) {
            return null;
        }
        final ChatVariables variables = new ChatVariables(config);
        final Template template;
        try {
            template = Template.parse(config.chatTemplate(), variables.names(), now);
        } catch (final TemplateFault fault) {
            throw new ModelException(
                    fault.kind() == TemplateFault.Kind.UNSUPPORTED
                            ? "the chat template uses what this server cannot render as Jinja2 does: "
                                    + fault.getMessage() + REMEDY
                            : "the chat template is not one that Jinja2 takes: " + fault.getMessage() + REMEDY,
                    List.of());
        }
        TextException raised = null;
        int rendered = 0;
        for (final List<ChatMessage> sample : SAMPLES) {
            try {
                renderer.render(template, variables.of(sample, true), limits.probeBudget());
                rendered++;
            } catch (final TextException refused) {
                if (refused.kind() != TextException.Kind.INVALID) {
                    throw failing(sample, refused);
                }
                raised = refused;
            }
        }
        if (rendered == 0 && raised != null) {
            throw new ModelException(
                    "the chat template refuses every conversation: " + raised.getMessage() + REMEDY, List.of());
        }
        return template;
    }

    private static ModelException failing(final List<ChatMessage> sample, final TextException refused) {
        final String roles =
                String.join(", ", sample.stream().map(ChatMessage::role).toList());
        // At start nobody has a prompt to send.
        final String reason = String.valueOf(refused.getMessage()).replace(TemplateRenderer.INSTEAD, "");
        return new ModelException("a conversation of " + roles + " cannot be rendered: " + reason + REMEDY, List.of());
    }
}
