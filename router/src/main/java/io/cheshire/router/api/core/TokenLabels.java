package io.cheshire.router.api.core;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.router.core.TokenScores;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Log-probabilities in OpenAI's two shapes. A token is written as its text; as {@code token_id:N} when asked or
 * without a tokenizer; as {@code bytes:\xNN} when its text is no whole character. In a map of alternatives, an entry whose label is
 * taken already is written {@code token_id:N}, so that none is lost. Thread-safe.
 */
public final class TokenLabels {
    /** JSON has no infinity; OpenAI writes this for an impossible token. */
    static final float LOWEST_LOGPROB = -9999f;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final TextModel text;
    private final boolean asIds;

    /** Labels by text, or by id if {@code asIds} or there is no tokenizer. */
    public TokenLabels(final TextModel text, final boolean asIds) {
        this.text = text;
        this.asIds = asIds || !text.hasTokenizer();
    }

    /** A token's label. */
    public String label(final int tokenId) {
        if (asIds) {
            return idLabel(tokenId);
        }
        final String label = text.tokenText(tokenId);
        if (label.indexOf('\uFFFD') < 0) {
            return label;
        }
        final byte[] bytes = text.tokenBytes(tokenId);
        if (bytes == null) {
            return label;
        }
        final StringBuilder out = new StringBuilder("bytes:");
        for (final byte b : bytes) {
            out.append(String.format("\\x%02x", b & 0xff));
        }
        return out.toString();
    }

    /** {@code logprobs} of a completion: four parallel lists. */
    public ObjectNode completion(final List<ScoredToken> tokens) {
        final ObjectNode node = JSON.objectNode();
        final ArrayNode labels = node.putArray("tokens");
        final ArrayNode chosen = node.putArray("token_logprobs");
        final ArrayNode best = node.putArray("top_logprobs");
        final ArrayNode offsets = node.putArray("text_offset");
        for (final ScoredToken token : tokens) {
            labels.add(label(token.tokenId()));
            offsets.add(token.textOffset());
            final TokenScores scores = token.scores();
            if (scores == null) {
                chosen.addNull();
                best.addNull();
            } else {
                chosen.add(finite(scores.logprob()));
                best.add(bestMap(scores));
            }
        }
        return node;
    }

    /** {@code logprobs} of a chat choice: {@code content} with one object a token. */
    public ObjectNode chat(final List<ScoredToken> tokens) {
        final ObjectNode node = JSON.objectNode();
        final ArrayNode content = node.putArray("content");
        for (final ScoredToken token : tokens) {
            final TokenScores scores = token.scores();
            if (scores == null) {
                continue;
            }
            final ObjectNode entry = chatEntry(token.tokenId(), scores.logprob());
            final ArrayNode best = entry.putArray("top_logprobs");
            scores.best().forEach(candidate -> best.add(chatEntry(candidate.tokenId(), candidate.logprob())));
            content.add(entry);
        }
        node.putNull("refusal");
        return node;
    }

    private ObjectNode bestMap(final TokenScores scores) {
        final ObjectNode map = JSON.objectNode();
        boolean hasChosen = false;
        for (final TokenScores.Candidate candidate : scores.best()) {
            putUnique(map, candidate.tokenId(), candidate.logprob());
            hasChosen |= candidate.tokenId() == scores.tokenId();
        }
        if (!hasChosen) {
            putUnique(map, scores.tokenId(), scores.logprob());
        }
        return map;
    }

    private void putUnique(final ObjectNode map, final int tokenId, final float logprob) {
        final String label = label(tokenId);
        map.put(map.has(label) ? idLabel(tokenId) : label, finite(logprob));
    }

    private ObjectNode chatEntry(final int tokenId, final float logprob) {
        final ObjectNode entry = JSON.objectNode();
        entry.put("token", label(tokenId));
        entry.put("logprob", finite(logprob));
        final byte[] bytes = bytes(tokenId);
        if (bytes == null) {
            entry.putNull("bytes");
        } else {
            final ArrayNode list = entry.putArray("bytes");
            for (final byte b : bytes) {
                list.add(b & 0xff);
            }
        }
        return entry;
    }

    private byte @Nullable [] bytes(final int tokenId) {
        if (!text.hasTokenizer()) {
            return null;
        }
        final byte[] known = text.tokenBytes(tokenId);
        if (known != null) {
            return known;
        }
        final String label = text.tokenText(tokenId);
        return label.indexOf('\uFFFD') >= 0 ? null : label.getBytes(StandardCharsets.UTF_8);
    }

    private static float finite(final float logprob) {
        return Math.max(logprob, LOWEST_LOGPROB);
    }

    private static String idLabel(final int tokenId) {
        return "token_id:" + tokenId;
    }
}
