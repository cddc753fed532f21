package io.cheshire.ops.runtime.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.core.NativeTools;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.model.runtime.text.TextCodec;
import io.cheshire.model.runtime.text.TextException;
import io.cheshire.model.runtime.text.TextSupport;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The checkpoint's tokenizer and chat template as the API wants them. Thread-safe. */
final class CheckpointText implements TextModel {
    private static final int BUSY_RETRY_SECONDS = 1;

    private final TextSupport.Available text;

    private final @Nullable ObjectNode info;

    private CheckpointText(final TextSupport.Available text, final @Nullable ObjectNode info) {
        this.text = text;
        this.info = info;
    }

    /** @param info what {@code /tokenizer_info} answers, or null */
    static TextModel of(final TextSupport text, final @Nullable ObjectNode info) {
        return switch (text) {
            case TextSupport.Available available -> new CheckpointText(available, info);
            case TextSupport.TokenIdsOnly ignored -> TextModel.none();
        };
    }

    @Override
    public @Nullable JsonNode info() {
        return info;
    }

    @Override
    public boolean hasTokenizer() {
        return true;
    }

    @Override
    public boolean hasChatTemplate() {
        return text.chat().isSupported();
    }

    @Override
    public boolean hasToolMarks() {
        return text.chat().hasToolMarks();
    }

    @Override
    public List<Integer> encode(final String prompt, final boolean addSpecialTokens) {
        return encode(prompt, addSpecialTokens, Integer.MAX_VALUE);
    }

    @Override
    public List<Integer> encode(final String prompt, final boolean addSpecialTokens, final int maxTokens) {
        try {
            return boxed(codec().encode(prompt, true, addSpecialTokens, maxTokens));
        } catch (final TextException refused) {
            throw new ApiException(errorOf(refused, "prompt"));
        }
    }

    @Override
    public List<Integer> renderChat(final List<ApiChatMessage> messages) {
        return renderChat(messages, Integer.MAX_VALUE);
    }

    @Override
    public List<Integer> renderChat(final List<ApiChatMessage> messages, final int maxTokens) {
        try {
            return boxed(text.chat().encode(turns(messages), true, maxTokens));
        } catch (final TextException refused) {
            throw new ApiException(errorOf(refused, "messages"));
        }
    }

    @Override
    public List<Integer> renderOpenChat(final List<ApiChatMessage> messages, final int maxTokens) {
        try {
            return boxed(text.chat().encodeOpen(turns(messages), maxTokens));
        } catch (final TextException refused) {
            throw new ApiException(errorOf(refused, "messages"));
        }
    }

    private static List<io.cheshire.model.runtime.text.ChatMessage> turns(final List<ApiChatMessage> messages) {
        return messages.stream()
                .map(message -> new io.cheshire.model.runtime.text.ChatMessage(
                        message.role(),
                        message.content(),
                        message.calls().isEmpty() ? "" : NativeTools.calls(message.calls()),
                        message.tools()))
                .toList();
    }

    @Override
    public int[] tokenStarts(final String prompt, final boolean addSpecialTokens) {
        return codec().tokenStarts(prompt, addSpecialTokens);
    }

    @Override
    public byte[] tokenBytes(final int tokenId, final boolean opensText) {
        return codec().tokenBytes(tokenId, opensText);
    }

    @Override
    public boolean isSpecial(final int tokenId) {
        return codec().isSpecial(tokenId);
    }

    /** What a client is told; the text's own messages are safe to show. {@code field} is what held the text. */
    static ApiError errorOf(final TextException refused, final String field) {
        final String message = String.valueOf(refused.getMessage());
        return switch (refused.kind()) {
            case INVALID -> ApiError.invalid(field, "invalid_text", message);
            case TOO_LARGE -> new ApiError(413, "invalid_request_error", message, field, "text_too_large", 0);
            case TOO_MANY_TOKENS -> ApiError.invalid(field, "context_length_exceeded", message);
            case TEMPLATE -> new ApiError(400, "invalid_request_error", message, field, "chat_template_failed", 0);
            case DEADLINE -> ApiError.of(503, "text_deadline", message);
            case BUSY -> new ApiError(503, "service_unavailable_error", message, null, "text_busy", BUSY_RETRY_SECONDS);
        };
    }

    private TextCodec codec() {
        return text.codec();
    }

    private static List<Integer> boxed(final int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }
}
