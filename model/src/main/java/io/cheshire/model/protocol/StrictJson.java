package io.cheshire.model.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * JSON of model files, which are untrusted: UTF-8 only, no duplicate keys, nothing after the document, bounded depth,
 * names, strings and numbers. Pure; safe from any thread.
 */
public final class StrictJson {
    private static final int MAX_DEPTH = 16;
    private static final int MAX_NAME_CHARS = 1_024;
    private static final int MAX_STRING_CHARS = 65_536;
    private static final int MAX_NUMBER_CHARS = 64;

    /** NaN and Infinity, which Python writes, are read as numbers so that the field that holds one can be named. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNameLength(MAX_NAME_CHARS)
                    .maxStringLength(MAX_STRING_CHARS)
                    .maxNumberLength(MAX_NUMBER_CHARS)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
            .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
            .build();

    private static final ObjectMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private StrictJson() {}

    /** The factory behind the limits above, for streaming readers. */
    public static JsonFactory factory() {
        return FACTORY;
    }

    /**
     * Reads one JSON object.
     *
     * @param utf8   the whole document; the caller has bounded its size
     * @param source what to call it in errors
     * @throws ModelException if it isn't UTF-8, isn't JSON within the limits, or isn't an object
     */
    public static ObjectNode readObject(final byte[] utf8, final String source) {
        try {
            final JsonNode node = MAPPER.readTree(decodeUtf8(utf8));
            if (node instanceof final ObjectNode object) {
                return object;
            }
            throw refused(source, "it must be a JSON object");
        } catch (final CharacterCodingException e) {
            throw refused(source, "it is not valid UTF-8");
        } catch (final JsonProcessingException e) {
            throw refused(source, "it is not JSON as required: " + describe(e));
        }
    }

    /** Decodes strictly: a malformed sequence is an error, not a replacement character. */
    public static String decodeUtf8(final byte[] utf8) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    }

    /** One line of a Jackson error: what and where, without a copy of the source. */
    public static String describe(final JsonProcessingException e) {
        final var at = e.getLocation();
        return e.getOriginalMessage()
                + (at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")");
    }

    private static ModelException refused(final String source, final String why) {
        return new ModelException(source + " was refused", List.of(why + "; download the file again"));
    }
}
