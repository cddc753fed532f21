package io.cheshire.model.runtime.text;

import io.cheshire.model.protocol.ModelException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Text to token ids and back. Safe from any thread; encoding is native and cannot be interrupted, so its input is
 * capped in bytes and it belongs on a bounded pool, never on an event loop. Its time grows about linearly (measured
 * on the inputs that are known to make tokenizers quadratic).
 *
 * <p>Two native tokenizers stand behind it. The full one matches added tokens in the text. The plain one matches only a
 * separator that nobody can guess, so what a user writes can never become a control token; the runs of a chat prompt go
 * through it in one call, with the separator standing for each control token of the template.
 */
public final class TextCodec implements AutoCloseable {
    private static final int SEPARATOR_BYTES = 16;
    private static final byte[] NO_BYTES = {};

    private final NativeTokenizer full;
    private final NativeTokenizer plain;
    private final Segmenter segmenter;
    private final String separator;
    private final int separatorId;
    private final BitSet ids;
    private final BitSet controlIds = new BitSet();
    private final BitSet specialIds = new BitSet();
    private final Map<String, AddedToken> addedTokens = new HashMap<>();
    private final Map<Integer, String> addedTextOfId = new HashMap<>();
    private final Map<Integer, byte[]> exactBytes;
    private final AtomicReferenceArray<byte[]> innerBytes;
    private final AtomicReferenceArray<byte[]> openingBytes;
    private final int anchorId;
    private final String anchorText;
    private final int maxTextBytes;
    private final TextBound fullBound;
    private final TextBound plainBound;

    /**
     * @param json         a checked file
     * @param maxTextBytes UTF-8 bytes of text that one call may encode
     */
    TextCodec(final TokenizerJson json, final int maxTextBytes) {
        this.maxTextBytes = maxTextBytes;
        final byte[] random = new byte[SEPARATOR_BYTES];
        new SecureRandom().nextBytes(random);
        // Private-use characters at both ends: no normaliser touches them and no pattern joins them to a word.
        separator = "\uE0FF" + HexFormat.of().formatHex(random) + "\uE0FE";
        ids = json.ids();
        segmenter = new Segmenter(json.addedTokens());
        for (final AddedToken token : json.addedTokens()) {
            addedTokens.put(token.content(), token);
            addedTextOfId.put(token.id(), token.content());
            if (token.isControl()) {
                controlIds.set(token.id());
            }
            if (token.special()) {
                specialIds.set(token.id());
            }
        }
        full = new NativeTokenizer(json.full());
        plain = new NativeTokenizer(json.plain(separator));
        separatorId = onlyId(plain, separator);
        json.addedTokens().forEach(this::checkAgainstLibrary);
        fullBound = json.fullBound();
        plainBound = json.plainBound();
        exactBytes = json.exactBytes();
        innerBytes = new AtomicReferenceArray<>(ids.length());
        openingBytes = new AtomicReferenceArray<>(ids.length());
        final int[] anchor = full.encode("a", false);
        anchorId = anchor.length == 0 ? 0 : anchor[anchor.length - 1];
        anchorText = full.decodeAll(anchorId);
    }

    private static int onlyId(final NativeTokenizer tokenizer, final String text) {
        final int[] found = tokenizer.encode(text, false);
        if (found.length != 1) {
            throw new ModelException("tokenizer.json: '" + text + "' does not become one token", List.of());
        }
        return found[0];
    }

    /** The library may number added tokens itself where the file leaves gaps; then every id would be wrong. */
    private void checkAgainstLibrary(final AddedToken token) {
        final int[] found = full.encode(token.content(), false);
        if (found.length == 0 || found[found.length - 1] != token.id()) {
            throw new ModelException(
                    "tokenizer.json: added token '" + token.content() + "' has id " + token.id()
                            + " in the file but the tokenizer library gives " + Arrays.toString(found),
                    List.of());
        }
    }

    /**
     * Ids of a text.
     *
     * @param matchSpecialTokens true: the text of an added token becomes that token. For raw prompts
     *                           ({@code /v1/completions}, {@code /tokenize}), whose author writes the whole prompt, as
     *                           other servers do. False: it stays text, for everything a third party wrote
     * @param addSpecialTokens   also run the file's post-processor, which may put a BOS in front
     */
    public int[] encode(final String text, final boolean matchSpecialTokens, final boolean addSpecialTokens) {
        checkLength(text);
        final String clean = withoutLoneSurrogates(text);
        if (clean.isEmpty() && !addSpecialTokens) {
            return new int[0];
        }
        if (matchSpecialTokens) {
            return full.encode(clean, addSpecialTokens);
        }
        refuseSeparator(clean);
        final int[] encoded = plain.encode(clean, addSpecialTokens);
        refuseControl(encoded, addSpecialTokens);
        return encoded;
    }

    /**
     * The same, but a text that can't have as few as {@code maxTokens} is refused before it is tokenised, as far as its
     * length tells.
     */
    public int[] encode(
            final String text, final boolean matchSpecialTokens, final boolean addSpecialTokens, final int maxTokens) {
        checkTokens((matchSpecialTokens ? fullBound : plainBound).fewestTokens(text), maxTokens);
        return encode(text, matchSpecialTokens, addSpecialTokens);
    }

    private static void checkTokens(final long fewestTokens, final int maxTokens) {
        if (fewestTokens > maxTokens) {
            throw new TextException(
                    TextException.Kind.TOO_MANY_TOKENS,
                    "This model's maximum context length is " + maxTokens + " tokens; the text has at least "
                            + fewestTokens + ". Shorten it.");
        }
    }

    /** Ids of a prompt of which only some parts may contain control tokens; more than {@code maxTokens} as above. */
    int[] encode(final List<PromptPart> parts, final int maxTokens) {
        final Segmenter.Cut cut = segmenter.cut(parts);
        long fewestTokens = cut.tokens().size();
        for (final String run : cut.runs()) {
            fewestTokens += plainBound.fewestTokens(run);
        }
        checkTokens(fewestTokens, maxTokens);
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < cut.runs().size(); i++) {
            final String run = withoutLoneSurrogates(cut.runs().get(i));
            refuseSeparator(run);
            text.append(i == 0 ? "" : separator).append(run);
        }
        checkLength(text);
        if (text.isEmpty()) {
            return new int[0];
        }
        final int[] encoded = plain.encode(text.toString(), false);
        refuseControl(encoded, false);
        int next = 0;
        for (int i = 0; i < encoded.length; i++) {
            if (encoded[i] == separatorId) {
                encoded[i] = cut.tokens().get(next++).id();
            }
        }
        if (next != cut.tokens().size()) {
            throw new TextException(
                    TextException.Kind.TEMPLATE, "the tokenizer merged a control token with the text around it");
        }
        return encoded;
    }

    private void refuseSeparator(final String text) {
        if (text.contains(separator)) {
            throw new TextException(
                    TextException.Kind.INVALID, "the text contains this server's own separator; leave it out");
        }
    }

    private void refuseControl(final int[] encoded, final boolean addSpecialTokens) {
        for (final int id : encoded) {
            if (id != separatorId && controlIds.get(id) && !addSpecialTokens && !isUnknown(id)) {
                throw new TextException(
                        TextException.Kind.INVALID, "plain text became control token " + id + "; leave that text out");
            }
        }
    }

    /** {@code <unk>} is an added token in Llama files, yet also what a piece without an entry becomes. */
    private boolean isUnknown(final int id) {
        final AddedToken unknown = addedTokens.get("<unk>");
        return unknown != null && unknown.id() == id;
    }

    private void checkLength(final CharSequence text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            // A surrogate pair is four bytes in UTF-8, two for each half.
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        if (bytes > maxTextBytes) {
            throw new TextException(
                    TextException.Kind.TOO_LARGE,
                    "the text has " + bytes + " bytes; this server encodes at most " + maxTextBytes + "; shorten it");
        }
    }

    private static String withoutLoneSurrogates(final String text) {
        if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            return text;
        }
        final StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> clean.appendCodePoint(
                        c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c));
        return clean.toString();
    }

    /** What the library makes of ids at once: special tokens and ids without a token are left out. */
    public String decode(final int... tokenIds) {
        return decodeAll(Arrays.stream(tokenIds).filter(id -> !isSpecial(id)).toArray());
    }

    /** What the library makes of ids at once, special tokens included; ids without a token are left out. */
    public String decodeAll(final int... tokenIds) {
        return full.decodeAll(Arrays.stream(tokenIds).filter(this::isToken).toArray());
    }

    /**
     * Where each token of {@link #encode(String, boolean, boolean)} with matched special tokens begins: code points
     * before it in {@code text}. White space that a special token swallows lies between it and the next one; the
     * bytes of one character have one place.
     */
    public int[] tokenStarts(final String text, final boolean addSpecialTokens) {
        checkLength(text);
        return full.starts(withoutLoneSurrogates(text), addSpecialTokens);
    }

    /**
     * What a token adds to a text, as UTF-8; possibly only part of a character. The bytes of a text are those of its
     * tokens, one after the other. Empty for an id without a token. Shared: not to be changed.
     *
     * @param opensText nothing stands before it: the decoder strips the space that the tokenizer put there
     */
    public byte[] tokenBytes(final int id, final boolean opensText) {
        if (!isToken(id)) {
            return NO_BYTES;
        }
        final AtomicReferenceArray<byte[]> cache = opensText ? openingBytes : innerBytes;
        final byte[] known = cache.get(id);
        if (known != null) {
            return known;
        }
        // Two threads may make the same bytes: either will do.
        final byte[] made = opensText ? makeOpening(id) : makeInner(id);
        cache.set(id, made);
        return made;
    }

    private byte[] makeInner(final int id) {
        final String added = addedTextOfId.get(id);
        if (added != null) {
            return added.getBytes(StandardCharsets.UTF_8);
        }
        final byte[] exact = exactBytes.get(id);
        if (exact != null) {
            return exact;
        }
        // The decoder strips the space at the start of a text, so a token in front shows this one as it is.
        final String text = full.decodeAll(anchorId, id);
        final String own = text.startsWith(anchorText) ? text.substring(anchorText.length()) : full.decodeAll(id);
        return own.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] makeOpening(final int id) {
        final String text = full.decodeAll(id);
        final byte[] exact = exactBytes.get(id);
        // Bytes that are no character show as U+FFFD, whatever they are; a byte that is a space may be stripped.
        return exact == null || addedTextOfId.containsKey(id) || text.indexOf('\uFFFD') < 0
                ? text.getBytes(StandardCharsets.UTF_8)
                : exact;
    }

    /** Whether an id is a special token, which an answer's text leaves out. */
    public boolean isSpecial(final int id) {
        return id >= 0 && specialIds.get(id);
    }

    /** Whether a token has this id. The others are padding rows of the embedding: never sample them. */
    public boolean isToken(final int id) {
        return id >= 0 && ids.get(id);
    }

    /** Whether this id is an added token that only a template may write. */
    public boolean isControl(final int id) {
        return id >= 0 && controlIds.get(id);
    }

    /** Ids that have a token; a copy. */
    public BitSet tokenIds() {
        return (BitSet) ids.clone();
    }

    /** Id of an added token, {@code <|end|>} for instance. */
    public OptionalInt addedTokenId(final String content) {
        final AddedToken token = addedTokens.get(content);
        return token == null ? OptionalInt.empty() : OptionalInt.of(token.id());
    }

    /** UTF-8 bytes of text that one call may encode. */
    public int maxTextBytes() {
        return maxTextBytes;
    }

    /** Frees the native tokenizers once calls that are under way have ended; later ones throw. */
    @Override
    public void close() {
        full.close();
        plain.close();
    }
}
