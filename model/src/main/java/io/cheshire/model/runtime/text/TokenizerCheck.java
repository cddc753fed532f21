package io.cheshire.model.runtime.text;

import io.cheshire.model.protocol.ModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Asks a loaded tokenizer whether it does what its files say. Flags of added tokens are followed in two places, by the
 * library for whole prompts and by {@link Segmenter} for chat prompts; where these would differ, nobody could tell
 * which one is right.
 */
final class TokenizerCheck {
    /** Whitespace, letters, a word joined to it, and itself, on both sides of a token. */
    private static final List<List<String>> AROUND = List.of(
            List.of("", ""),
            List.of("a", "b"),
            List.of("a ", " b"),
            List.of("a \n ", " \n b"),
            List.of(" ", " "),
            List.of("x_", "_x"),
            List.of("1\u00e9", "\u00e92"),
            List.of("(", ")"));

    /** So many tokens are tried in all places; those after them, of which there may be thousands, in one. */
    private static final int TRIED_EVERYWHERE = 256;

    private TokenizerCheck() {}

    /**
     * @throws ModelException naming what differs
     */
    static void requireAsAsked(final TextCodec codec, final TokenizerJson json, final TokenizerFlags flags) {
        final List<String> problems = new ArrayList<>();
        checkBegin(codec, flags, problems);
        int tried = 0;
        for (final AddedToken token : json.addedTokens()) {
            if (token.isControl()) {
                checkCut(codec, token, tried++ < TRIED_EVERYWHERE ? AROUND : AROUND.subList(2, 3), problems);
            }
        }
        if (!problems.isEmpty()) {
            throw new ModelException("the tokenizer cannot be used as its files ask", problems);
        }
    }

    /** Versions of transformers differ here: one goes by the class, another by tokenizer.json. */
    private static void checkBegin(final TextCodec codec, final TokenizerFlags flags, final List<String> problems) {
        if (flags.beginsByClass() == null) {
            return;
        }
        final String bos = flags.specials().text(SpecialTokens.BOS);
        final int[] plain = codec.encode("a", true, false);
        final int[] whole = codec.encode("a", true, true);
        final boolean begins = whole.length == plain.length + 1
                && codec.addedTokenId(bos).orElse(-1) == whole[0]
                && Arrays.equals(plain, Arrays.copyOfRange(whole, 1, whole.length));
        if (!begins) {
            problems.add(TokenizerFlags.CONFIG + ": tokenizer_class adds '" + bos
                    + "' in front of a prompt where add_bos_token is not stated, and tokenizer.json does not;"
                    + " state add_bos_token, true or false");
        }
    }

    private static void checkCut(
            final TextCodec codec,
            final AddedToken token,
            final List<List<String>> places,
            final List<String> problems) {
        for (final List<String> around : places) {
            final String text = around.get(0) + token.content() + around.get(1) + token.content() + around.get(0);
            if (!Arrays.equals(
                    codec.encode(text, true, false),
                    codec.encode(List.of(new PromptPart(text, true)), Integer.MAX_VALUE))) {
                problems.add("tokenizer.json: added token '" + token.content() + "' (single_word " + token.singleWord()
                        + ", lstrip " + token.lstrip() + ", rstrip " + token.rstrip() + ", normalized "
                        + token.normalized() + ") would be found in other places of a chat prompt than of a plain one;"
                        + " set these flags to false, except rstrip");
                return;
            }
        }
    }
}
