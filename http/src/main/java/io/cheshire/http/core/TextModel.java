package io.cheshire.http.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.http.protocol.ApiChatMessage;
import io.cheshire.http.protocol.ApiException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Text to tokens and back, of one checkpoint. Thread-safe; calls may take milliseconds, so the server makes them off
 * its event loops.
 */
public interface TextModel {
    /** What the checkpoint's files say of tokenizer and template, or null: nothing. */
    default @Nullable JsonNode info() {
        return null;
    }

    /** False: the checkpoint is served for token-id prompts only, and no other method may be called. */
    boolean hasTokenizer();

    /** False: the checkpoint has no chat template, and {@link #renderChat} may not be called. */
    boolean hasChatTemplate();

    /**
     * The template has a place for tools in a system message, and the vocabulary marks of calls that show in a text:
     * Phi-4-mini's format. Messages may then have {@link ApiChatMessage#tools} and {@link ApiChatMessage#calls}, and
     * the role {@code tool_response}.
     */
    default boolean hasToolMarks() {
        return false;
    }

    /** Tokens of a raw prompt. Special tokens are matched in it, since the caller writes the whole prompt. */
    List<Integer> encode(String text, boolean addSpecialTokens);

    /**
     * Tokens of a conversation, rendered by the checkpoint's template with the opening of the answer. Contents are
     * encoded as plain text: special-token text in them never becomes a control token.
     *
     * @throws IllegalArgumentException the template refuses the conversation; its message is safe to show
     */
    List<Integer> renderChat(List<ApiChatMessage> messages);

    /**
     * Like {@link #encode(String, boolean)}, but text that can't but have more than {@code maxTokens} tokens is refused
     * before it is tokenised, as far as that is known without.
     *
     * @throws ApiException it was refused so
     */
    default List<Integer> encode(final String text, final boolean addSpecialTokens, final int maxTokens) {
        return encode(text, addSpecialTokens);
    }

    /** The same for {@link #renderChat(List)}. */
    default List<Integer> renderChat(final List<ApiChatMessage> messages, final int maxTokens) {
        return renderChat(messages);
    }

    /**
     * Tokens of a conversation whose last message goes on: the prompt ends behind its text.
     *
     * @throws ApiException also if the template doesn't end so
     */
    default List<Integer> renderOpenChat(final List<ApiChatMessage> messages, final int maxTokens) {
        throw ApiException.invalid(
                "continue_final_message", "continue_final_message is not supported by this checkpoint's template.");
    }

    /**
     * Where each token of {@link #encode} begins: code points of {@code text} before it, never falling. What lies
     * between two beginnings is the first one's, white space that a special token swallows for instance.
     */
    int[] tokenStarts(String text, boolean addSpecialTokens);

    /**
     * What a token adds to a text, special tokens too: UTF-8, possibly part of a character, empty for an id without a
     * token. A text's bytes are those of its tokens, one after the other. Shared: not to be changed.
     *
     * @param opensText nothing stands before the token: a tokenizer may have put a space there, which is not shown
     */
    byte[] tokenBytes(int tokenId, boolean opensText);

    /** Whether the text of an answer leaves this token out. */
    boolean isSpecial(int tokenId);

    /** A checkpoint without a tokenizer. */
    static TextModel none() {
        return NoTokenizer.INSTANCE;
    }
}
