package io.cheshire.model.runtime.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.protocol.ModelException;
import io.cheshire.model.protocol.StrictJson;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON of the files about text, in which one string may be a chat template: UTF-8 only, no duplicate keys, bounded
 * depth.
 */
final class TextJson {
    private static final int MAX_NESTING = 64;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .maxStringLength(ModelFile.CHAT_TEMPLATE.maxBytes())
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private TextJson() {}

    /**
     * Reads a file that is one object; null if there is no such file.
     *
     * @throws ModelException naming the file
     */
    static @Nullable ObjectNode read(final ModelDirectory directory, final ModelFile file) {
        final String text = text(directory, file);
        if (text == null) {
            return null;
        }
        try {
            final JsonNode node = MAPPER.readTree(text);
            if (node instanceof final ObjectNode object) {
                return object;
            }
        } catch (final JsonProcessingException e) {
            throw new ModelException(file.fileName() + " is not readable JSON: " + StrictJson.describe(e), List.of());
        }
        throw new ModelException(file.fileName() + " is not a JSON object", List.of());
    }

    /**
     * The text of a file; null if there is no such file. A malformed sequence is an error: it would stand for other
     * text.
     */
    static @Nullable String text(final ModelDirectory directory, final ModelFile file) {
        final byte[] bytes = directory.read(file);
        try {
            return bytes == null ? null : StrictJson.decodeUtf8(bytes);
        } catch (final CharacterCodingException e) {
            throw new ModelException(file.fileName() + " is not valid UTF-8; download it again", List.of());
        }
    }
}
