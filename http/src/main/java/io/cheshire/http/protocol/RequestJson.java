package io.cheshire.http.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The one gate through which request bodies become JSON: strict UTF-8 without BOM, one object, no duplicate keys, no
 * trailing tokens, no comments, no NUL, no lone surrogates, and the sizes of {@link HttpLimits.Json}. Thread-safe.
 */
public final class RequestJson {
    private final HttpLimits.Json limits;
    private final ObjectMapper mapper;

    /** A gate with these limits. */
    public RequestJson(final HttpLimits.Json limits) {
        this.limits = limits;
        final JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(limits.depth())
                        .maxStringLength(limits.stringChars())
                        .maxDocumentLength(limits.documentBytes())
                        .maxNumberLength(limits.numberChars())
                        .maxNameLength(limits.nameChars())
                        .maxTokenCount(limits.tokens())
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                // Names are the client's: interning or keeping them would let it grow our tables.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .build();
        this.mapper = new ObjectMapper(factory)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);
    }

    /**
     * Parses a request body.
     *
     * @throws ApiException 400 saying what is wrong, never quoting the body
     */
    public ObjectNode parseObject(final byte[] body) {
        if (body.length == 0) {
            throw bad("empty_body", "The request body is empty; send a JSON object.");
        }
        if (body.length > limits.documentBytes()) {
            throw new ApiException(ApiError.of(
                    413,
                    "body_too_large",
                    "The request body has " + body.length + " bytes; the limit is " + limits.documentBytes() + "."));
        }
        final JsonNode root = readTree(decode(body));
        if (root == null || !root.isObject()) {
            throw bad("invalid_json", "The request body must be one JSON object.");
        }
        checkTexts(root);
        return (ObjectNode) root;
    }

    private static String decode(final byte[] body) {
        final String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (final CharacterCodingException e) {
            throw bad("invalid_json", "The request body is not valid UTF-8.");
        }
        if (text.charAt(0) == '\uFEFF') {
            throw bad("invalid_json", "The request body starts with a byte order mark; send plain UTF-8.");
        }
        if (text.indexOf('\0') >= 0) {
            throw bad("invalid_json", "The request body contains a NUL byte.");
        }
        return text;
    }

    private JsonNode readTree(final String text) {
        try (JsonParser parser = mapper.createParser(text)) {
            final JsonNode root = mapper.readTree(parser);
            if (parser.nextToken() != null) {
                throw bad("invalid_json", "The request body has bytes after the JSON object.");
            }
            return root;
        } catch (final StreamConstraintsException e) {
            throw bad(
                    "json_limit",
                    "The JSON passes a limit: depth " + limits.depth() + ", string " + limits.stringChars()
                            + " characters, number " + limits.numberChars() + " characters, name " + limits.nameChars()
                            + " characters, " + limits.tokens() + " tokens.");
        } catch (final JsonProcessingException e) {
            throw bad(
                    "invalid_json",
                    "The request body is not valid JSON (line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + "): one object, no duplicate keys, comments or NaN.");
        } catch (final java.io.IOException e) {
            throw bad("invalid_json", "The request body is not valid JSON.");
        }
    }

    private static void checkTexts(final JsonNode node) {
        if (node.isTextual()) {
            checkText(node.textValue());
        } else if (node.isObject()) {
            for (final Map.Entry<String, JsonNode> field : node.properties()) {
                checkText(field.getKey());
                checkTexts(field.getValue());
            }
        } else if (node.isArray()) {
            for (final JsonNode element : node) {
                checkTexts(element);
            }
        }
    }

    private static void checkText(final String text) {
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            if (c == 0) {
                throw bad("invalid_json", "A string contains U+0000.");
            }
            if (Character.isSurrogate(c)) {
                final boolean paired = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!paired) {
                    throw bad("invalid_json", "A string contains a lone surrogate.");
                }
                i++;
            }
        }
    }

    private static ApiException bad(final String code, final String message) {
        return new ApiException(ApiError.invalid(null, code, message));
    }
}
