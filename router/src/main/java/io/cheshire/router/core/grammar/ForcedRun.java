package io.cheshire.router.core.grammar;

/**
 * What must follow a text: bytes that a grammar leaves no choice of, as tokens. The first {@link #certain} of them are
 * the only ones that may come; behind those the same bytes could be cut otherwise, so they are a guess. Allocated once,
 * filled again and again; one thread at a time.
 */
public final class ForcedRun {
    /** Most bytes that are looked ahead for a token. */
    private static final int BYTES_PER_TOKEN = 8;

    final byte[] bytes;
    final int[] tokens;
    int count;
    int certain;

    /** @param most tokens that it holds */
    public ForcedRun(final int most) {
        bytes = new byte[most * BYTES_PER_TOKEN];
        tokens = new int[most];
    }

    /** Tokens in it. */
    public int count() {
        return count;
    }

    /** Of them, from the first on, those beside which no other may come. */
    public int certain() {
        return certain;
    }

    /** Token number {@code i}. */
    public int token(final int i) {
        return tokens[i];
    }

    /** Nothing must follow. */
    public void clear() {
        count = 0;
        certain = 0;
    }

    /** Takes over what another one of the same size or less has. */
    public void copy(final ForcedRun other) {
        count = Math.min(other.count, tokens.length);
        certain = Math.min(other.certain, count);
        System.arraycopy(other.tokens, 0, tokens, 0, count);
    }

    /**
     * Fills it.
     *
     * @param opening the vocabulary of a text's first token; {@code inner} of all others
     * @param isFirst the next token is the text's first
     */
    void fill(
            final Derivatives derivatives,
            final Term from,
            final TokenTrie opening,
            final TokenTrie inner,
            final boolean isFirst) {
        clear();
        Term state = from;
        int length = 0;
        int next = derivatives.only(state);
        while (next >= 0 && length < bytes.length) {
            bytes[length++] = (byte) next;
            state = derivatives.of(state, next);
            next = derivatives.only(state);
        }
        final boolean goesOn = next != Derivatives.ENDS;
        boolean isCertain = true;
        int at = 0;
        while (at < length && count < tokens.length) {
            final TokenTrie trie = isFirst && count == 0 ? opening : inner;
            final int node = trie.longest(bytes, at, length);
            if (node < 0) {
                return;
            }
            isCertain &= trie.isOnly(bytes, at, length, goesOn);
            certain += isCertain ? 1 : 0;
            tokens[count++] = trie.idAt(node);
            at += trie.lengthAt(node);
        }
    }
}
