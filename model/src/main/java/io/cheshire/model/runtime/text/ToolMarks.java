package io.cheshire.model.runtime.text;

import io.cheshire.model.core.jinja.Template;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a model has Phi-4-mini's way with tools: a template that writes {@code tools} of a system message between
 * marks, and marks of calls that are tokens and show in a text. Found out by rendering, not by reading the template.
 */
final class ToolMarks {
    static final String CALL = "<|tool_call|>";
    static final String CALL_END = "<|/tool_call|>";
    private static final String TOOLS = "<|tool|>";
    private static final String TOOLS_END = "<|/tool|>";
    private static final String PROBE = "[a list of tools]";

    private ToolMarks() {}

    static boolean are(
            final @Nullable Template template,
            final ChatVariables variables,
            final TemplateRenderer renderer,
            final TextCodec codec) {
        if (template == null || !isShownToken(codec, CALL) || !isShownToken(codec, CALL_END)) {
            return false;
        }
        final List<ChatMessage> messages =
                List.of(new ChatMessage("system", "", "", PROBE), new ChatMessage("user", "Hello."));
        try {
            return renderer.render(template, variables.of(messages, true))
                    .value()
                    .contains(TOOLS + PROBE + TOOLS_END);
        } catch (final TextException refused) {
            return false;
        }
    }

    private static boolean isShownToken(final TextCodec codec, final String mark) {
        final var id = codec.addedTokenId(mark);
        return id.isPresent() && !codec.isSpecial(id.getAsInt());
    }
}
