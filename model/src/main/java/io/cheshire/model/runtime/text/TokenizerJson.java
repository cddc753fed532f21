package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The gate that a tokenizer.json passes before the Rust library sees it: size, entry counts, id range, duplicates,
 * merges. Names every problem with the entry and the limit.
 */
final class TokenizerJson {
    static final int MAX_BYTES = ModelFile.TOKENIZER.maxBytes();
    private static final int MAX_PIECES = 1_000_000;
    private static final int MAX_MERGES = 2_000_000;
    private static final int MAX_ADDED_TOKENS = 10_000;
    private static final int MAX_TEXT_CHARS = 65_536;
    private static final int MAX_NESTING = 64;
    private static final int MAX_PROBLEMS = 20;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(MAX_BYTES)
                    .maxNestingDepth(MAX_NESTING)
                    .maxStringLength(MAX_TEXT_CHARS)
                    .maxNameLength(MAX_TEXT_CHARS)
                    .build())
            .build());

    private static final Pattern BYTE_PIECE = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

    private final ObjectNode root;
    private final int vocabSize;
    private final List<AddedToken> addedTokens = new ArrayList<>();
    private final BitSet ids = new BitSet();
    private final Map<Integer, String> pieceOfId = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    private TokenizerJson(final ObjectNode root, final int vocabSize) {
        this.root = root;
        this.vocabSize = vocabSize;
    }

    /**
     * @param bytes     the file, at most {@link #MAX_BYTES}
     * @param vocabSize of the model's config: no id may reach it
     */
    static TokenizerJson parse(final byte[] bytes, final int vocabSize) {
        return parse(bytes, vocabSize, UnaryOperator.identity());
    }

    /** As {@link #parse(byte[], int)}, of what {@code change} makes of the file. */
    static TokenizerJson parse(final byte[] bytes, final int vocabSize, final UnaryOperator<ObjectNode> change) {
        final JsonNode node;
        try {
            node = MAPPER.readTree(bytes);
        } catch (final JsonProcessingException cause) {
            throw new ModelException("tokenizer.json is not readable JSON: " + cause.getOriginalMessage(), List.of());
        } catch (final java.io.IOException cause) {
            throw new ModelException("tokenizer.json cannot be read", cause);
        }
        if (!(node instanceof ObjectNode root)) {
            throw new ModelException("tokenizer.json is not a JSON object", List.of());
        }
        final TokenizerJson json = new TokenizerJson(change.apply(root), vocabSize);
        json.check();
        if (!json.problems.isEmpty()) {
            throw new ModelException("tokenizer.json cannot be used", json.problems);
        }
        return json;
    }

    /**
     * The bytes of pieces whose text is no whole character or may be none: {@code <0x0A>}, or all of a byte-level file.
     */
    Map<Integer, byte[]> exactBytes() {
        final boolean isByteLevel = isByteLevel(root.path("decoder"));
        final Map<Integer, byte[]> bytes = new HashMap<>();
        pieceOfId.forEach((id, piece) -> {
            if (isByteLevel) {
                final byte[] spelled = ByteAlphabet.bytesOf(piece);
                if (spelled != null) {
                    bytes.put(id, spelled);
                }
            } else if (BYTE_PIECE.matcher(piece).matches()) {
                bytes.put(id, new byte[] {(byte) Integer.parseInt(piece.substring(3, 5), 16)});
            }
        });
        return bytes;
    }

    private static boolean isByteLevel(final JsonNode decoder) {
        if (decoder.path("type").asText().equals("ByteLevel")) {
            return true;
        }
        for (final JsonNode part : decoder.path("decoders")) {
            if (isByteLevel(part)) {
                return true;
            }
        }
        return false;
    }

    private void check() {
        final JsonNode model = root.path("model");
        final JsonNode type = model.path("type");
        if (!type.isMissingNode() && !"BPE".equals(type.asText())) {
            problem("model.type is " + type + "; only BPE is served");
            return;
        }
        if (!(model.path("vocab") instanceof ObjectNode vocab) || !(model.path("merges") instanceof ArrayNode merges)) {
            problem("model.vocab must be an object and model.merges a list");
            return;
        }
        if (vocab.size() > MAX_PIECES || merges.size() > MAX_MERGES) {
            problem("model.vocab has " + vocab.size() + " entries (limit " + MAX_PIECES + "), model.merges "
                    + merges.size() + " (limit " + MAX_MERGES + ")");
            return;
        }
        checkPieces(vocab);
        checkMerges(vocab, merges);
        checkAddedTokens(vocab);
    }

    private void checkPieces(final ObjectNode vocab) {
        for (final Map.Entry<String, JsonNode> entry : vocab.properties()) {
            final JsonNode id = entry.getValue();
            if (checkId(id, "model.vocab", entry.getKey())) {
                if (ids.get(id.intValue())) {
                    problem("model.vocab: id " + id + " of '" + entry.getKey() + "' also belongs to '"
                            + pieceOfId.get(id.intValue()) + "'");
                }
                ids.set(id.intValue());
                pieceOfId.put(id.intValue(), entry.getKey());
            }
        }
    }

    private void checkMerges(final ObjectNode vocab, final ArrayNode merges) {
        for (final JsonNode merge : merges) {
            final String left;
            final String right;
            if (merge.isArray() && merge.size() == 2) {
                left = merge.get(0).asText();
                right = merge.get(1).asText();
            } else {
                final String text = merge.asText();
                final int space = text.indexOf(' ');
                left = space < 0 ? text : text.substring(0, space);
                right = space < 0 ? "" : text.substring(space + 1);
            }
            if (!vocab.has(left) || !vocab.has(right) || !vocab.has(left + right)) {
                problem("model.merges: '" + left + "' + '" + right + "' has a part or result outside the vocabulary");
            }
        }
    }

    private void checkAddedTokens(final ObjectNode vocab) {
        final JsonNode added = root.path("added_tokens");
        if (added.isMissingNode() || added.isNull()) {
            return;
        }
        if (!added.isArray() || added.size() > MAX_ADDED_TOKENS) {
            problem("added_tokens must be a list of at most " + MAX_ADDED_TOKENS + " entries");
            return;
        }
        final Map<String, Integer> seen = new HashMap<>();
        for (final JsonNode token : added) {
            final String content = token.path("content").asText();
            if (content.isEmpty() || !checkId(token.path("id"), "added_tokens", content)) {
                problem("added_tokens: an entry needs a content and an id: " + content);
                continue;
            }
            final int id = token.path("id").intValue();
            final String piece = pieceOfId.get(id);
            if (seen.put(content, id) != null
                    || (piece != null && !piece.equals(content))
                    || (vocab.has(content) && vocab.get(content).asInt() != id)) {
                problem("added_tokens: '" + content + "' or its id " + id + " is taken twice");
            }
            pieceOfId.put(id, content);
            ids.set(id);
            addedTokens.add(new AddedToken(
                    id,
                    content,
                    token.path("single_word").asBoolean(),
                    token.path("lstrip").asBoolean(),
                    token.path("rstrip").asBoolean(),
                    token.path("normalized").asBoolean(),
                    token.path("special").asBoolean()));
        }
    }

    private boolean checkId(final JsonNode id, final String where, final String what) {
        if (!id.isInt() || id.intValue() < 0 || id.intValue() >= vocabSize) {
            problem(where + ": id " + id + " of '" + what + "' is not in 0 .. " + (vocabSize - 1)
                    + " (vocab_size of config.json)");
            return false;
        }
        return true;
    }

    private void problem(final String problem) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(problem);
        }
    }

    /** For texts in which every added token is matched. */
    TextBound fullBound() {
        return TextBound.of(root, addedTokens);
    }

    /** For texts in which only those are that control nothing. */
    TextBound plainBound() {
        return TextBound.of(
                root, addedTokens.stream().filter(token -> !token.isControl()).toList());
    }

    List<AddedToken> addedTokens() {
        return List.copyOf(addedTokens);
    }

    /** Ids that have a token. */
    BitSet ids() {
        return (BitSet) ids.clone();
    }

    /** The file without truncation and padding, which are the server's business. */
    String full() {
        return withAddedTokens(root.path("added_tokens")).toString();
    }

    /** The file in which only {@code separator} and whitespace tokens are matched in text. */
    String plain(final String separator) {
        final ArrayNode kept = MAPPER.createArrayNode();
        final JsonNode all = root.path("added_tokens");
        for (int i = 0; i < addedTokens.size(); i++) {
            if (!addedTokens.get(i).isControl()) {
                kept.add(all.get(i));
            }
        }
        kept.addObject()
                .put("id", vocabSize)
                .put("content", separator)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
        return withAddedTokens(kept).toString();
    }

    private ObjectNode withAddedTokens(final JsonNode addedTokens) {
        final ObjectNode copy = MAPPER.createObjectNode();
        copy.setAll(root);
        copy.putNull("truncation");
        copy.putNull("padding");
        copy.set("added_tokens", addedTokens.isMissingNode() ? MAPPER.createArrayNode() : addedTokens);
        return copy;
    }
}
