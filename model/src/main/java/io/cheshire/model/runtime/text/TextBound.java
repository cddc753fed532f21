package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * A lower bound on the tokens of a text, from its length alone: no token stands for more text than the longest entry of
 * the vocabulary. Reading a text once costs a thousandth of tokenising it, so what can't fit is refused for little.
 *
 * <p>Sound, at the price of knowing nothing about some tokenizers: where a part of the file may drop text (a normaliser
 * that strips, a pre-tokenizer that removes what it splits at, unknown characters that are skipped or run into one
 * {@code <unk>}), the bound is 0. White space that an added token swallows isn't counted. Immutable.
 */
final class TextBound {
    private static final int MAX_CHARACTER_BYTES = 4;
    private static final int BYTE_VALUES = 256;
    private static final Set<String> KEEPING_SPLITS =
            Set.of("Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");

    /** Bytes of text that one token stands for at most; 0: unknown. */
    private final long bytesPerToken;

    private final List<String> swallowing;
    private final boolean whiteSpaceCounts;

    private TextBound(final long bytesPerToken, final List<String> swallowing, final boolean whiteSpaceCounts) {
        this.bytesPerToken = bytesPerToken;
        this.swallowing = List.copyOf(swallowing);
        this.whiteSpaceCounts = whiteSpaceCounts;
    }

    /**
     * @param root  a checked tokenizer.json of a BPE model
     * @param added the added tokens that are matched in the text
     */
    static TextBound of(final ObjectNode root, final List<AddedToken> added) {
        final NormalizerBound normalizer = NormalizerBound.of(root.path("normalizer"));
        if (!normalizer.isBounded()
                || !keepsText(root.path("pre_tokenizer"))
                || !hasTokenForEveryCharacter(root.path("model"), root)) {
            return new TextBound(0, List.of(), true);
        }
        long longest = MAX_CHARACTER_BYTES;
        for (final var piece : root.path("model").path("vocab").properties()) {
            longest = Math.max(longest, bytes(piece.getKey()));
        }
        boolean whiteSpaceCounts = true;
        for (final AddedToken token : added) {
            // Such a token is looked for in the normalised text, and what it replaces was longer there.
            longest = Math.max(longest, bytes(token.content()) * (token.normalized() ? normalizer.growth() : 1));
            final boolean swallows = token.lstrip() || token.rstrip();
            final boolean isFoundAsWritten =
                    !token.normalized() && !token.content().isBlank();
            whiteSpaceCounts &= !swallows || isFoundAsWritten;
        }
        final List<String> swallowing = added.stream()
                .filter(token -> token.lstrip() || token.rstrip())
                .map(AddedToken::content)
                .toList();
        return new TextBound(longest * normalizer.shrinkage(), swallowing, whiteSpaceCounts);
    }

    /** Tokens that a text has at least; 0 if nothing is known. */
    long fewestTokens(final String text) {
        if (bytesPerToken == 0) {
            return 0;
        }
        final long counted = Math.max(0, bytes(text) - swallowedBytes(text));
        return (counted + bytesPerToken - 1) / bytesPerToken;
    }

    private long swallowedBytes(final String text) {
        if (!whiteSpaceCounts) {
            return text.codePoints()
                    .filter(TextBound::isWhiteSpace)
                    .mapToLong(c -> bytes(Character.toString(c)))
                    .sum();
        }
        long swallowed = 0;
        for (final String token : swallowing) {
            // Every place, also those that overlap: which of them the library takes depends on what is before.
            for (int at = text.indexOf(token); at >= 0; at = text.indexOf(token, at + 1)) {
                swallowed += whiteSpaceBefore(text, at) + whiteSpaceFrom(text, at + token.length());
            }
        }
        return swallowed;
    }

    /** All of Unicode's white space is in the basic plane, so its characters are units. */
    private static long whiteSpaceFrom(final String text, final int start) {
        int end = start;
        while (end < text.length() && isWhiteSpace(text.charAt(end))) {
            end++;
        }
        return bytes(text.substring(start, end));
    }

    private static long whiteSpaceBefore(final String text, final int end) {
        int start = end;
        while (start > 0 && isWhiteSpace(text.charAt(start - 1))) {
            start--;
        }
        return bytes(text.substring(start, end));
    }

    /** No less than what the Rust library's {@code \s} means. */
    private static boolean isWhiteSpace(final int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }

    private static boolean keepsText(final JsonNode preTokenizer) {
        if (preTokenizer.isMissingNode() || preTokenizer.isNull()) {
            return true;
        }
        return switch (preTokenizer.path("type").asText()) {
            case "ByteLevel", "Digits", "Metaspace" -> true;
            case "Split", "Punctuation" ->
                KEEPING_SPLITS.contains(preTokenizer.path("behavior").asText("Isolated"));
            case "Sequence" -> {
                boolean keeps = true;
                for (final JsonNode part : preTokenizer.path("pretokenizers")) {
                    keeps &= keepsText(part);
                }
                yield keeps;
            }
            default -> false;
        };
    }

    /** No character is skipped, and none joins its neighbours in one token for all that is unknown. */
    private static boolean hasTokenForEveryCharacter(final JsonNode model, final ObjectNode root) {
        if (!model.path("continuing_subword_prefix").asText("").isEmpty()
                || !model.path("end_of_word_suffix").asText("").isEmpty()) {
            return false; // then a character has other entries at other places
        }
        final JsonNode vocab = model.path("vocab");
        final boolean hasUnknown = model.path("unk_token").isTextual()
                && vocab.has(model.path("unk_token").asText());
        if (hasUnknown && !model.path("fuse_unk").asBoolean(false)) {
            return true;
        }
        if (model.path("byte_fallback").asBoolean(false)) {
            return hasAllBytes(vocab, TextBound::bytePiece);
        }
        return usesByteLevel(root) && hasAllBytes(vocab, TextBound::byteCharacter);
    }

    private static boolean usesByteLevel(final ObjectNode root) {
        return holdsByteLevel(root.path("normalizer")) || holdsByteLevel(root.path("pre_tokenizer"));
    }

    private static boolean holdsByteLevel(final JsonNode part) {
        boolean holds = part.path("type").asText().equals("ByteLevel");
        for (final JsonNode inner : part.path("normalizers")) {
            holds |= holdsByteLevel(inner);
        }
        for (final JsonNode inner : part.path("pretokenizers")) {
            holds |= holdsByteLevel(inner);
        }
        return holds;
    }

    private static boolean hasAllBytes(final JsonNode vocab, final java.util.function.IntFunction<String> nameOfByte) {
        for (int value = 0; value < BYTE_VALUES; value++) {
            if (!vocab.has(nameOfByte.apply(value))) {
                return false;
            }
        }
        return true;
    }

    private static String bytePiece(final int value) {
        return String.format(java.util.Locale.ROOT, "<0x%02X>", value);
    }

    /** GPT-2's alphabet: printable bytes stand for themselves, the others for what follows from U+0100. */
    private static String byteCharacter(final int value) {
        if (isPrintable(value)) {
            return Character.toString(value);
        }
        int rank = 0;
        for (int lower = 0; lower < value; lower++) {
            rank += isPrintable(lower) ? 0 : 1;
        }
        return Character.toString(BYTE_VALUES + rank);
    }

    private static boolean isPrintable(final int value) {
        return (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || (value >= 0xAE && value <= 0xFF);
    }

    private static long bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
