package io.cheshire.router.api.runtime;

import io.cheshire.router.api.core.TextModel;
import io.cheshire.router.api.protocol.ChatMessage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A tokenizer of bytes: ids 0 to 255 are bytes, 256 is the end token; 300 and 301 have the same text. */
final class ByteText implements TextModel {
    static final int END = 256;
    static final int TWIN_A = 300;
    static final int TWIN_B = 301;
    static final int VOCAB = 512;

    static List<Integer> ids(final String text) {
        final List<Integer> ids = new ArrayList<>();
        for (final byte b : text.getBytes(StandardCharsets.UTF_8)) {
            ids.add(b & 0xff);
        }
        return ids;
    }

    @Override
    public boolean hasTokenizer() {
        return true;
    }

    @Override
    public boolean hasChatTemplate() {
        return true;
    }

    @Override
    public List<Integer> encode(final String text, final boolean addSpecialTokens) {
        return ids(text);
    }

    @Override
    public List<Integer> renderChat(final List<ChatMessage> messages) {
        final List<Integer> ids = new ArrayList<>();
        for (final ChatMessage message : messages) {
            ids.addAll(ids(message.content()));
            ids.add(END);
        }
        return ids;
    }

    @Override
    public String decode(final List<Integer> tokenIds) {
        final Detokenizer detokenizer = newDetokenizer(List.of());
        final StringBuilder text = new StringBuilder();
        tokenIds.forEach(id -> text.append(id == END ? "<end>" : detokenizer.push(id)));
        return text.append(detokenizer.finish()).toString();
    }

    @Override
    public String tokenText(final int tokenId) {
        return decode(List.of(tokenId));
    }

    @Override
    public byte[] tokenBytes(final int tokenId) {
        return tokenId < 256 ? new byte[] {(byte) tokenId} : null;
    }

    @Override
    public Detokenizer newDetokenizer(final List<Integer> context) {
        return new ByteDetokenizer();
    }

    private static final class ByteDetokenizer implements Detokenizer {
        private final ByteArrayOutputStream open = new ByteArrayOutputStream();

        @Override
        public String push(final int tokenId) {
            if (tokenId == TWIN_A || tokenId == TWIN_B) {
                return "twin";
            }
            if (tokenId >= 256) {
                return "";
            }
            open.write(tokenId);
            final String text = open.toString(StandardCharsets.UTF_8);
            if (text.indexOf('\uFFFD') >= 0 && open.size() < 4) {
                return "";
            }
            open.reset();
            return text;
        }

        @Override
        public String finish() {
            return open.toString(StandardCharsets.UTF_8);
        }
    }
}
