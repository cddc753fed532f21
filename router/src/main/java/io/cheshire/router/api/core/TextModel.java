package io.cheshire.router.api.core;

import io.cheshire.router.api.protocol.ChatMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Text to tokens and back, of one checkpoint. Thread-safe; calls may take milliseconds, so the server makes them off
 * its event loops.
 */
public interface TextModel {
    /** False: the checkpoint is served for token-id prompts only, and no other method may be called. */
    boolean hasTokenizer();

    /** False: the checkpoint has no chat template, and {@link #renderChat} may not be called. */
    boolean hasChatTemplate();

    /** Tokens of a raw prompt. Special tokens are matched in it, since the caller writes the whole prompt. */
    List<Integer> encode(String text, boolean addSpecialTokens);

    /**
     * Tokens of a conversation, rendered by the checkpoint's template with the opening of the answer. Contents are
     * encoded as plain text: special-token text in them never becomes a control token.
     *
     * @throws IllegalArgumentException the template refuses the conversation; its message is safe to show
     */
    List<Integer> renderChat(List<ChatMessage> messages);

    /**
     * Like {@link #encode(String, boolean)}, but text that can't but have more than {@code maxTokens} tokens is refused
     * before it is tokenised, as far as that is known without.
     *
     * @throws io.cheshire.router.api.protocol.ApiException it was refused so
     */
    default List<Integer> encode(final String text, final boolean addSpecialTokens, final int maxTokens) {
        return encode(text, addSpecialTokens);
    }

    /** The same for {@link #renderChat(List)}. */
    default List<Integer> renderChat(final List<ChatMessage> messages, final int maxTokens) {
        return renderChat(messages);
    }

    /** Text of tokens, special ones included. */
    String decode(List<Integer> tokenIds);

    /** Text of one token by itself, special ones included; U+FFFD stands for bytes of an incomplete character. */
    String tokenText(int tokenId);

    /** The bytes of one token, or null where they aren't known. */
    byte @Nullable [] tokenBytes(int tokenId);

    /**
     * A fresh decoder for one sequence.
     *
     * @param context the tokens before it, so that its text goes on with the right spacing; empty for a chat answer
     */
    Detokenizer newDetokenizer(List<Integer> context);

    /** Turns a stream of tokens into text; whole characters only, special tokens skipped. Single-threaded. */
    interface Detokenizer {
        /** Text that this token completes, often empty. */
        String push(int tokenId);

        /** What is left, an incomplete character as U+FFFD. */
        String finish();
    }

    /** A checkpoint without a tokenizer. */
    static TextModel none() {
        return NoTokenizer.INSTANCE;
    }
}
