package io.cheshire.model.runtime.text;

import java.util.Arrays;

/**
 * Turns one stream of token ids into text, whole characters only. Concatenating what {@link #append} and {@link #flush}
 * return gives what decoding all ids at once gives. Used by one thread at a time.
 *
 * <p>Decodes a short window twice, without and with the newest token, and emits the difference: so the file's decoder
 * decides about spaces, and bytes of an unfinished character show as U+FFFD at the end and are held back.
 */
public final class Detokenizer {
    private static final int CONTEXT_TOKENS = 16;
    /** A character has at most four bytes, so a longer tail is not going to become one. */
    private static final int MAX_HELD_TOKENS = 8;

    private final TextCodec codec;
    private int[] window = new int[CONTEXT_TOKENS + MAX_HELD_TOKENS];
    private int length;
    private int emitted;
    private String emittedText;

    Detokenizer(final TextCodec codec, final int... context) {
        this.codec = codec;
        for (int i = Math.max(0, context.length - CONTEXT_TOKENS); i < context.length; i++) {
            if (codec.isVisible(context[i])) {
                push(context[i]);
            }
        }
        emitted = length;
        emittedText = codec.decode(window, 0, length);
    }

    /** Text that this id completes; empty for special tokens, ids without a token and unfinished characters. */
    public String append(final int id) {
        if (!codec.isVisible(id)) {
            return "";
        }
        push(id);
        final String text = codec.decode(window, 0, length);
        if (text.endsWith("\uFFFD") && length - emitted < MAX_HELD_TOKENS) {
            return "";
        }
        return emit(text);
    }

    /** The rest, at the end of the stream: bytes that never became a character come out as U+FFFD. */
    public String flush() {
        return emitted == length ? "" : emit(codec.decode(window, 0, length));
    }

    private String emit(final String text) {
        // A broken byte sequence makes the library spoil the whole run of bytes, also those shown already: decode the
        // new
        // ones on their own then.
        final String fresh = text.startsWith(emittedText)
                ? text.substring(emittedText.length())
                : codec.decode(window, emitted, length);
        // The tokens just emitted become the context of the next ones.
        window = Arrays.copyOf(Arrays.copyOfRange(window, emitted, length), window.length);
        length -= emitted;
        emitted = length;
        emittedText = codec.decode(window, 0, length);
        return fresh;
    }

    private void push(final int id) {
        window[length++] = id;
    }
}
