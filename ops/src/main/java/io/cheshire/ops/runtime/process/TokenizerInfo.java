package io.cheshire.ops.runtime.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.model.runtime.checkpoint.ModelDirectory;
import io.cheshire.model.runtime.checkpoint.ModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A checkpoint's {@code tokenizer_config.json}, with the chat template that holds: for clients that render. */
final class TokenizerInfo {
    private TokenizerInfo() {}

    /** Null: the checkpoint has none, or what it has is no object. */
    static @Nullable ObjectNode of(final ModelDirectory directory) {
        final byte[] config = directory.read(ModelFile.TOKENIZER_CONFIG);
        if (config == null) {
            return null;
        }
        try {
            final JsonNode read = new ObjectMapper().readTree(config);
            if (!(read instanceof final ObjectNode info)) {
                return null;
            }
            final byte[] template = directory.read(ModelFile.CHAT_TEMPLATE);
            if (template != null) {
                info.put("chat_template", new String(template, StandardCharsets.UTF_8));
            }
            return info;
        } catch (final IOException unreadable) {
            return null;
        }
    }
}
