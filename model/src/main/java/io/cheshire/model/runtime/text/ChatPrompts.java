package io.cheshire.model.runtime.text;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Conversations to token ids with the model's chat template. Safe from any thread; blocks until rendered, so not for an
 * event loop.
 *
 * <p>A template gives one string in which the text of a user could pass for a control token. So it is rendered twice:
 * with the real contents, and with placeholders that nobody can guess. Where the contents stand is known from the
 * second; that they are all there is checked against the first. A template that changes a content otherwise than by
 * trimming it is an error, since nobody could say then which part of the prompt a user wrote.
 */
public final class ChatPrompts implements AutoCloseable {
    /** Roles a message may have. A fixed list, since templates write the role between control marks. */
    public static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");

    private static final int PLACEHOLDER_BYTES = 16;

    private final TextCodec codec;
    private final TokenizerConfig config;
    private final TemplateRenderer renderer;
    private final SecureRandom random = new SecureRandom();

    ChatPrompts(final TextCodec codec, final TokenizerConfig config, final TextLimits limits) {
        this.codec = codec;
        this.config = config;
        this.renderer = new TemplateRenderer(limits);
    }

    /** Whether the model has a chat template. */
    public boolean isSupported() {
        return config.chatTemplate() != null;
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

    /** The prompt in parts: what the template wrote and what the messages say. */
    List<PromptPart> render(final List<ChatMessage> messages, final boolean addGenerationPrompt) {
        final String template = template();
        messages.forEach(ChatPrompts::checkRole);
        final String real = renderer.render(template, variables(messages, addGenerationPrompt));

        final String nonce = nonce(real);
        final List<ChatMessage> hidden = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            final ChatMessage message = messages.get(i);
            // Blank text holds no token, and templates ask whether a content is empty.
            final boolean keep = message.content().isBlank();
            hidden.add(new ChatMessage(message.role(), keep ? message.content() : placeholder(nonce, i)));
        }
        final String masked = renderer.render(template, variables(hidden, addGenerationPrompt));
        final List<PromptPart> parts = matching(real, masked, nonce, messages);
        if (parts == null) {
            throw new TextException(
                    TextException.Kind.TEMPLATE,
                    "the model's chat template changes the text of messages, so control tokens written by a user"
                            + " could not be told from its own; send the prompt to /v1/completions instead");
        }
        return parts;
    }

    private @Nullable List<PromptPart> matching(
            final String real, final String masked, final String nonce, final List<ChatMessage> messages) {
        final List<UnaryOperator<String>> changes =
                List.of(UnaryOperator.identity(), String::strip, String::stripLeading, String::stripTrailing);
        for (final UnaryOperator<String> change : changes) {
            final List<PromptPart> parts = parts(masked, nonce, messages, change);
            if (joined(parts).equals(real)) {
                return parts;
            }
        }
        return null;
    }

    private static List<PromptPart> parts(
            final String masked,
            final String nonce,
            final List<ChatMessage> messages,
            final UnaryOperator<String> change) {
        final List<PromptPart> parts = new ArrayList<>();
        int position = 0;
        while (true) {
            final int found = masked.indexOf(nonce, position);
            if (found < 0) {
                parts.add(new PromptPart(masked.substring(position), true));
                return parts;
            }
            final int digits = found + nonce.length();
            final int end = masked.indexOf('z', digits);
            if (end < 0) {
                return List.of(); // a placeholder was cut in two; no conversation renders to this
            }
            final int index = Integer.parseInt(masked.substring(digits, end));
            parts.add(new PromptPart(masked.substring(position, found), true));
            parts.add(new PromptPart(change.apply(messages.get(index).content()), false));
            position = end + 1;
        }
    }

    private static String joined(final List<PromptPart> parts) {
        final StringBuilder text = new StringBuilder();
        parts.forEach(part -> text.append(part.text()));
        return text.toString();
    }

    /** Letters and digits only, so that templates treat it as a word; not in the text. */
    private String nonce(final String text) {
        while (true) {
            final byte[] bytes = new byte[PLACEHOLDER_BYTES];
            random.nextBytes(bytes);
            final String nonce = "x" + HexFormat.of().formatHex(bytes) + "y";
            if (!text.contains(nonce)) {
                return nonce;
            }
        }
    }

    private static String placeholder(final String nonce, final int index) {
        return nonce + index + "z";
    }

    private Map<String, Object> variables(final List<ChatMessage> messages, final boolean addGenerationPrompt) {
        final List<Map<String, Object>> list = new ArrayList<>();
        for (final ChatMessage message : messages) {
            final Map<String, Object> map = new LinkedHashMap<>();
            map.put("role", message.role());
            map.put("content", message.content());
            list.add(map);
        }
        final Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("messages", list);
        variables.put("add_generation_prompt", addGenerationPrompt);
        variables.put("bos_token", config.bosToken());
        variables.put("eos_token", config.eosToken());
        return variables;
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

    private String template() {
        if (config.chatTemplate() == null) {
            throw new TextException(
                    TextException.Kind.TEMPLATE,
                    "the model has no chat template (tokenizer_config.json, chat_template.jinja): use /v1/completions");
        }
        return config.chatTemplate();
    }

    @Override
    public void close() {
        renderer.close();
    }
}
