package io.cheshire.ops.runtime.node;

import io.cheshire.model.runtime.text.TextCodec;
import io.cheshire.model.runtime.text.TextException;
import io.cheshire.model.runtime.text.TextSupport;
import io.cheshire.router.api.core.TextModel;
import io.cheshire.router.api.protocol.ChatMessage;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The checkpoint's tokenizer and chat template as the API wants them. Thread-safe. */
final class CheckpointText implements TextModel {
    private final TextSupport.Available text;

    private CheckpointText(final TextSupport.Available text) {
        this.text = text;
    }

    static TextModel of(final TextSupport text) {
        return switch (text) {
            case TextSupport.Available available -> new CheckpointText(available);
            case TextSupport.TokenIdsOnly ignored -> TextModel.none();
        };
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
    public List<Integer> encode(final String prompt, final boolean addSpecialTokens) {
        return boxed(codec().encode(prompt, true, addSpecialTokens));
    }

    @Override
    public List<Integer> renderChat(final List<ChatMessage> messages) {
        final List<io.cheshire.model.runtime.text.ChatMessage> turns = messages.stream()
                .map(message -> new io.cheshire.model.runtime.text.ChatMessage(message.role(), message.content()))
                .toList();
        try {
            return boxed(text.chat().encode(turns, true));
        } catch (final TextException refused) {
            throw new IllegalArgumentException(refused.getMessage(), refused);
        }
    }

    @Override
    public String decode(final List<Integer> tokenIds) {
        return codec().decodeAll(unboxed(tokenIds));
    }

    @Override
    public String tokenText(final int tokenId) {
        return codec().tokenText(tokenId);
    }

    @Override
    public byte @Nullable [] tokenBytes(final int tokenId) {
        return codec().tokenBytes(tokenId);
    }

    @Override
    public Detokenizer newDetokenizer(final List<Integer> context) {
        final var stream = codec().newDetokenizer(unboxed(context));
        return new Detokenizer() {
            @Override
            public String push(final int tokenId) {
                return stream.append(tokenId);
            }

            @Override
            public String finish() {
                return stream.flush();
            }
        };
    }

    private TextCodec codec() {
        return text.codec();
    }

    private static List<Integer> boxed(final int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }

    private static int[] unboxed(final List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
