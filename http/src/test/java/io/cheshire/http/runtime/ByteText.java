package io.cheshire.http.runtime;

import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.ApiChatMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A tokenizer of bytes: ids 0 to 255 are bytes, 256 is the end token; 300 and 301 have the same text. */
final class ByteText implements TextModel {
    static final int END = 256;
    static final int TWIN_A = 300;
    static final int TWIN_B = 301;
    static final int VOCAB = 512;

    private final boolean hasToolMarks;

    ByteText() {
        this(false);
    }

    /** One whose model has marks of its own for calls of tools. */
    ByteText(final boolean hasToolMarks) {
        this.hasToolMarks = hasToolMarks;
    }

    @Override
    public boolean hasToolMarks() {
        return hasToolMarks;
    }

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
    public List<Integer> renderChat(final List<ApiChatMessage> messages) {
        final List<Integer> ids = new ArrayList<>();
        for (final ApiChatMessage message : messages) {
            ids.addAll(ids(message.content()));
            ids.add(END);
        }
        return ids;
    }

    @Override
    public int[] tokenStarts(final String text, final boolean addSpecialTokens) {
        return text
                .codePoints()
                .mapToObj(c -> Character.toString(c).getBytes(StandardCharsets.UTF_8).length)
                .collect(
                        ArrayList<Integer>::new,
                        (starts, bytes) -> {
                            final int next = starts.isEmpty() ? 0 : starts.getLast() + 1;
                            for (int i = 0; i < bytes; i++) {
                                starts.add(next);
                            }
                        },
                        ArrayList::addAll)
                .stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @Override
    public byte[] tokenBytes(final int tokenId, final boolean opensText) {
        return switch (tokenId) {
            case END -> "<end>".getBytes(StandardCharsets.UTF_8);
            case TWIN_A, TWIN_B -> "twin".getBytes(StandardCharsets.UTF_8);
            default -> tokenId < END ? new byte[] {(byte) tokenId} : new byte[0];
        };
    }

    @Override
    public boolean isSpecial(final int tokenId) {
        return tokenId == END;
    }
}
