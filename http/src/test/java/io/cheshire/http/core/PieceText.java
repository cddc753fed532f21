package io.cheshire.http.core;

import io.cheshire.http.protocol.ApiChatMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A tokenizer whose ids are: bytes, byte pairs that may cut characters anywhere, words with a space that is not shown
 * at the start, special tokens, and ids without a token.
 */
final class PieceText implements TextModel {
    static final int PAIRS = 256;
    static final int WORDS = 300;
    static final int SPECIAL = 340;
    static final int NONE = 345;
    static final int VOCAB = 350;

    private static final byte[] EMOJI = "\uD83D\uDE01é你".getBytes(StandardCharsets.UTF_8);
    private static final String[] TEXTS = {" a", "b", " cat", "é", "\uD83D\uDE01", "ab", " \uD83D\uDE01 ", "\n", "  "};

    @Override
    public boolean hasTokenizer() {
        return true;
    }

    @Override
    public boolean hasChatTemplate() {
        return false;
    }

    @Override
    public List<Integer> encode(final String text, final boolean addSpecialTokens) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Integer> renderChat(final List<ApiChatMessage> messages) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int[] tokenStarts(final String text, final boolean addSpecialTokens) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] tokenBytes(final int tokenId, final boolean opensText) {
        if (tokenId < PAIRS) {
            return new byte[] {(byte) tokenId};
        }
        if (tokenId < WORDS) {
            final int at = tokenId % (EMOJI.length - 1);
            return tokenId % 3 == 0 ? new byte[] {EMOJI[at], EMOJI[at + 1]} : new byte[] {'x', EMOJI[at]};
        }
        if (tokenId < SPECIAL) {
            final String text = TEXTS[tokenId % TEXTS.length];
            return utf8(opensText && text.startsWith(" ") ? text.substring(1) : text);
        }
        return tokenId < NONE ? utf8("<" + tokenId + ">") : new byte[0];
    }

    private static byte[] utf8(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean isSpecial(final int tokenId) {
        return tokenId >= SPECIAL && tokenId < NONE;
    }
}
