package io.cheshire.model.runtime.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;

/**
 * A tokenizer in the Rust library. Safe from any thread until closed.
 *
 * <p>Uses the library's JNI layer directly: the class above it builds strings and spans for every token, which nobody
 * here wants, and reports to a telemetry endpoint when it runs on EC2. Loading is kept offline for the same reason; the
 * library comes from the jar and is unpacked to {@code DJL_CACHE_DIR} (default {@code ~/.djl.ai}).
 */
final class NativeTokenizer implements AutoCloseable {
    static {
        setDefault("OPT_OUT_TRACKING", "true");
        setDefault("ai.djl.offline", "true");
        LibUtils.checkStatus(); // loads the library
    }

    private final long handle;
    private boolean closed;

    /** Builds a tokenizer from the text of a tokenizer.json; the library's own message on failure. */
    NativeTokenizer(final String json) {
        handle = TokenizersLibrary.LIB.createTokenizerFromString(json);
        TokenizersLibrary.LIB.disableTruncation(handle);
        TokenizersLibrary.LIB.disablePadding(handle);
    }

    private static void setDefault(final String property, final String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Ids of a text. The call cannot be interrupted. */
    int[] encode(final String text, final boolean addSpecialTokens) {
        final long encoding = TokenizersLibrary.LIB.encode(handle, text, addSpecialTokens);
        try {
            final long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
            final int[] result = new int[ids.length];
            for (int i = 0; i < ids.length; i++) {
                result[i] = Math.toIntExact(ids[i]);
            }
            return result;
        } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
        }
    }

    /** Text of ids {@code from .. to-1}, special tokens left out. */
    String decode(final int[] ids, final int from, final int to) {
        return decode(ids, from, to, true);
    }

    /** Text of ids, special tokens included. */
    String decodeAll(final int... ids) {
        return decode(ids, 0, ids.length, false);
    }

    private String decode(final int[] ids, final int from, final int to, final boolean skipSpecialTokens) {
        if (from == to) {
            return "";
        }
        final long[] wide = new long[to - from];
        for (int i = from; i < to; i++) {
            wide[i - from] = ids[i];
        }
        return TokenizersLibrary.LIB.decode(handle, wide, skipSpecialTokens);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            TokenizersLibrary.LIB.deleteTokenizer(handle);
        }
    }
}
