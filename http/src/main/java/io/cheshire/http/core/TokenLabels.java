package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Log-probabilities in OpenAI's two shapes, written as they are made. A token is written as the text it stands for; as
 * {@code token_id:N} when asked or without a tokenizer; as {@code bytes:\\xNN} when its bytes are no whole
 * characters. An alternative is written as it would stand in the chosen one's place; a special token, which would
 * show nothing there, by its name. In a map of alternatives, an entry whose label is taken already is written {@code
 * token_id:N}, so that none is lost. Thread-safe.
 */
public final class TokenLabels {
    /** JSON has no infinity; OpenAI writes this for an impossible token. */
    static final float LOWEST_LOGPROB = -9999f;

    private static final HexFormat HEX = HexFormat.of().withPrefix("\\x");

    private final TextModel text;
    private final boolean asIds;

    /** Labels by text, or by id if {@code asIds} or there is no tokenizer. */
    public TokenLabels(final TextModel text, final boolean asIds) {
        this.text = text;
        this.asIds = asIds || !text.hasTokenizer();
    }

    /** {@code logprobs} of a completion: parallel lists, four or five. */
    void completion(final JsonGenerator json, final List<ShownPart> parts, final boolean hasEntropies)
            throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("tokens");
        for (final ShownPart part : parts) {
            for (int i = part.from(); i < part.to(); i++) {
                json.writeString(label(part, i));
            }
        }
        json.writeEndArray();
        json.writeArrayFieldStart("token_logprobs");
        for (final ShownPart part : parts) {
            for (int i = part.from(); i < part.to(); i++) {
                if (part.tokens().hasScores(i)) {
                    json.writeNumber(finite(part.tokens().logprob(i)));
                } else {
                    json.writeNull();
                }
            }
        }
        json.writeEndArray();
        json.writeArrayFieldStart("top_logprobs");
        for (final ShownPart part : parts) {
            for (int i = part.from(); i < part.to(); i++) {
                bestMap(json, part, i);
            }
        }
        json.writeEndArray();
        if (hasEntropies) {
            entropies(json, parts);
        }
        json.writeArrayFieldStart("text_offset");
        for (final ShownPart part : parts) {
            int offset = part.firstOffset();
            for (int i = part.from(); i < part.to(); i++) {
                json.writeNumber(offset);
                offset += Character.codePointCount(
                        part.text(), part.startOf(i), part.tokens().end(i));
            }
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void entropies(final JsonGenerator json, final List<ShownPart> parts) throws IOException {
        json.writeArrayFieldStart("token_entropies");
        for (final ShownPart part : parts) {
            for (int i = part.from(); i < part.to(); i++) {
                if (part.tokens().hasScores(i)) {
                    json.writeNumber(part.tokens().entropy(i));
                } else {
                    json.writeNull();
                }
            }
        }
        json.writeEndArray();
    }

    /** {@code logprobs} of a chat choice: {@code content} with one object a token. */
    void chat(final JsonGenerator json, final List<ShownPart> parts) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("content");
        for (final ShownPart part : parts) {
            for (int i = part.from(); i < part.to(); i++) {
                if (part.tokens().hasScores(i)) {
                    token(json, part, i);
                }
            }
        }
        json.writeEndArray();
        json.writeNullField("refusal");
        json.writeEndObject();
    }

    /** A token that has scores, as an object. */
    void token(final JsonGenerator json, final ShownPart part, final int i) throws IOException {
        final TextTokens tokens = part.tokens();
        final String label = label(part, i);
        final byte[] bytes = bytes(part, i);
        entry(json, label, bytes, tokens.logprob(i));
        if (!Float.isNaN(tokens.entropy(i))) {
            json.writeNumberField("entropy", tokens.entropy(i));
        }
        json.writeArrayFieldStart("top_logprobs");
        for (int rank = 0; rank < tokens.alternativeCount(i); rank++) {
            final int id = tokens.alternativeId(i, rank);
            if (id == tokens.id(i)) {
                entry(json, label, bytes, tokens.logprob(i));
            } else {
                final byte[] other = asIdsOnly() ? null : text.tokenBytes(id, tokens.isOpening(i));
                entry(json, alternative(id, tokens.isOpening(i)), other, tokens.alternativeLogprob(i, rank));
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** An object that is left open. */
    private static void entry(
            final JsonGenerator json, final String label, final byte @Nullable [] bytes, final float logprob)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("token", label);
        json.writeNumberField("logprob", finite(logprob));
        if (bytes == null) {
            json.writeNullField("bytes");
            return;
        }
        json.writeArrayFieldStart("bytes");
        for (final byte b : bytes) {
            json.writeNumber(b & 0xff);
        }
        json.writeEndArray();
    }

    private void bestMap(final JsonGenerator json, final ShownPart part, final int i) throws IOException {
        final TextTokens tokens = part.tokens();
        if (!tokens.hasScores(i)) {
            json.writeNull();
            return;
        }
        final String label = label(part, i);
        // The chosen token is looked up by its label: no other may take it.
        final Set<String> taken = new HashSet<>();
        taken.add(label);
        boolean hasChosen = false;
        json.writeStartObject();
        for (int rank = 0; rank < tokens.alternativeCount(i); rank++) {
            final int id = tokens.alternativeId(i, rank);
            if (id == tokens.id(i)) {
                hasChosen = true;
                json.writeNumberField(label, finite(tokens.alternativeLogprob(i, rank)));
            } else {
                final String other = alternative(id, tokens.isOpening(i));
                json.writeNumberField(
                        taken.add(other) ? other : idLabel(id), finite(tokens.alternativeLogprob(i, rank)));
            }
        }
        if (!hasChosen) {
            json.writeNumberField(label, finite(tokens.logprob(i)));
        }
        json.writeEndObject();
    }

    private String label(final ShownPart part, final int i) {
        final TextTokens tokens = part.tokens();
        if (asIds) {
            return idLabel(tokens.id(i));
        }
        return tokens.isPart(i)
                ? bytesLabel(partBytes(tokens, i))
                : part.text().subSequence(part.startOf(i), tokens.end(i)).toString();
    }

    private byte @Nullable [] bytes(final ShownPart part, final int i) {
        if (asIdsOnly()) {
            return null;
        }
        final TextTokens tokens = part.tokens();
        return tokens.isPart(i)
                ? partBytes(tokens, i)
                : part.text()
                        .subSequence(part.startOf(i), tokens.end(i))
                        .toString()
                        .getBytes(StandardCharsets.UTF_8);
    }

    private byte[] partBytes(final TextTokens tokens, final int i) {
        return tokens.shownBytes(i, text.tokenBytes(tokens.id(i), tokens.isOpening(i)));
    }

    /** A token by itself. */
    String alternative(final int tokenId, final boolean opensText) {
        if (asIds) {
            return idLabel(tokenId);
        }
        final byte[] bytes = text.tokenBytes(tokenId, opensText);
        return Utf8Assembler.isWhole(bytes) ? new String(bytes, StandardCharsets.UTF_8) : bytesLabel(bytes);
    }

    /** No tokenizer: nobody knows what the tokens say. */
    private boolean asIdsOnly() {
        return !text.hasTokenizer();
    }

    private static String bytesLabel(final byte[] bytes) {
        return "bytes:" + HEX.formatHex(bytes);
    }

    /** As JSON can have it. */
    static float finite(final float logprob) {
        return Math.max(logprob, LOWEST_LOGPROB);
    }

    private static String idLabel(final int tokenId) {
        return "token_id:" + tokenId;
    }
}
