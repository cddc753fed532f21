package io.cheshire.router.api.core;

import io.cheshire.router.api.protocol.ChatMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    public List<Integer> renderChat(final List<ChatMessage> messages) {
        throw absent();
    }

    @Override
    public String decode(final List<Integer> tokenIds) {
        throw absent();
    }

    @Override
    public String tokenText(final int tokenId) {
        throw absent();
    }

    @Override
    public byte @Nullable [] tokenBytes(final int tokenId) {
        throw absent();
    }

    @Override
    public Detokenizer newDetokenizer(final List<Integer> context) {
        throw absent();
    }

    private static UnsupportedOperationException absent() {
        return new UnsupportedOperationException("the checkpoint has no tokenizer");
    }
}
