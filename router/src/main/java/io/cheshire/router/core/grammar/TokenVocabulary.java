package io.cheshire.router.core.grammar;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * The tokens of a model as a client sees them: the bytes that each adds to a text. A tokenizer may hide a space in
 * front of a text's first token, so there are two views, which may be one. Special tokens add nothing and are in
 * neither. Immutable.
 */
public final class TokenVocabulary {
    private static final byte[] NO_BYTES = {};

    private final int size;
    private final byte[][] innerBytes;
    private final byte[][] openingBytes;
    private final TokenTrie inner;
    private final TokenTrie opening;

    /** What a token adds to a text. */
    @FunctionalInterface
    public interface Bytes {
        /** @param opensText nothing stands before it */
        byte[] of(int id, boolean opensText);
    }

    /**
     * @param size      ids are below it
     * @param isSpecial such ids never show
     */
    public TokenVocabulary(final int size, final Bytes bytes, final IntPredicate isSpecial) {
        this.size = size;
        innerBytes = new byte[size][];
        openingBytes = new byte[size][];
        boolean isSame = true;
        for (int id = 0; id < size; id++) {
            innerBytes[id] = isSpecial.test(id) ? NO_BYTES : bytes.of(id, false);
            openingBytes[id] = isSpecial.test(id) ? NO_BYTES : bytes.of(id, true);
            isSame &= Arrays.equals(innerBytes[id], openingBytes[id]);
        }
        inner = new TokenTrie(size, id -> innerBytes[id]);
        opening = isSame ? inner : new TokenTrie(size, id -> openingBytes[id]);
    }

    /** Ids are below it. */
    public int size() {
        return size;
    }

    TokenTrie trie(final boolean opensText) {
        return opensText ? opening : inner;
    }

    /** Nothing is hidden in front of a text. */
    boolean isOneView() {
        return inner == opening;
    }

    byte[] bytes(final int id, final boolean opensText) {
        return opensText ? openingBytes[id] : innerBytes[id];
    }
}
