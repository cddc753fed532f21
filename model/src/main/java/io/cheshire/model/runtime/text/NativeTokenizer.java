package io.cheshire.model.runtime.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;

/**
 * A tokenizer in the Rust library. Safe from any thread, also while it is closed: a call that runs ends first, and
 * later ones are refused.
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
    private final UseCount uses;

    /** Builds a tokenizer from the text of a tokenizer.json; the library's own message on failure. */
    NativeTokenizer(final String json) {
        handle = TokenizersLibrary.LIB.createTokenizerFromString(json);
        TokenizersLibrary.LIB.disableTruncation(handle);
        TokenizersLibrary.LIB.disablePadding(handle);
        uses = new UseCount("the tokenizer", () -> TokenizersLibrary.LIB.deleteTokenizer(handle));
    }

    private static void setDefault(final String property, final String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Ids of a text. The call cannot be interrupted. */
    int[] encode(final String text, final boolean addSpecialTokens) {
        return uses.during(() -> ids(text, addSpecialTokens));
    }

    private int[] ids(final String text, final boolean addSpecialTokens) {
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

    /**
     * Code points before each token; a token that stands for nothing in the text begins where the one before it does.
     */
    int[] starts(final String text, final boolean addSpecialTokens) {
        return uses.during(() -> spanStarts(text, addSpecialTokens));
    }

    private int[] spanStarts(final String text, final boolean addSpecialTokens) {
        final long encoding = TokenizersLibrary.LIB.encode(handle, text, addSpecialTokens);
        try {
            final CharSpan[] spans = TokenizersLibrary.LIB.getTokenCharSpans(encoding);
            final int[] starts = new int[spans.length];
            int last = 0;
            for (int i = 0; i < spans.length; i++) {
                // The library's array has holes at tokens that the post-processor added.
                final CharSpan span = spans[i];
                last = span == null ? last : Math.max(last, span.getStart());
                starts[i] = last;
            }
            return starts;
        } finally {
            TokenizersLibrary.LIB.deleteEncoding(encoding);
        }
    }

    /** Text of ids, special tokens included. */
    String decodeAll(final int... ids) {
        if (ids.length == 0) {
            return "";
        }
        final long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return uses.during(() -> TokenizersLibrary.LIB.decode(handle, wide, false));
    }

    @Override
    public void close() {
        uses.close();
    }
}
