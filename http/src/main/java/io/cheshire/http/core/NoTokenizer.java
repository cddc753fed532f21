package io.cheshire.http.core;

import io.cheshire.http.protocol.ApiChatMessage;
import java.util.List;

/** A checkpoint without a tokenizer: the gate in front refuses whatever would need one. */
final class NoTokenizer implements TextModel {
    static final NoTokenizer INSTANCE = new NoTokenizer();

    @Override
    public boolean hasTokenizer() {
        return false;
    }

    @Override
    public boolean hasChatTemplate() {
        return false;
    }

    @Override
    public List<Integer> encode(final String text, final boolean addSpecialTokens) {
        throw absent();
    }

    @Override
    public List<Integer> renderChat(final List<ApiChatMessage> messages) {
        throw absent();
    }

    @Override
    public int[] tokenStarts(final String text, final boolean addSpecialTokens) {
        throw absent();
    }

    @Override
    public byte[] tokenBytes(final int tokenId, final boolean opensText) {
        throw absent();
    }

    @Override
    public boolean isSpecial(final int tokenId) {
        throw absent();
    }

    private static UnsupportedOperationException absent() {
        return new UnsupportedOperationException("the checkpoint has no tokenizer");
    }
}
