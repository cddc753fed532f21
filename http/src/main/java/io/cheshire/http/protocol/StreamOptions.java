package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * {@code stream_options}.
 *
 * @param includeUsage    a last chunk has the usage
 * @param continuousUsage each chunk has the usage so far
 */
record StreamOptions(boolean includeUsage, boolean continuousUsage) {
    private static final String NAME = "stream_options";

    /** Reads them; refused without {@code stream}. */
    static StreamOptions of(final FieldReader fields, final boolean isStream) {
        final JsonNode value = fields.get(NAME);
        if (value == null) {
            return new StreamOptions(false, false);
        }
        if (!(value instanceof final ObjectNode object)) {
            throw fields.wrong(NAME, "must be an object");
        }
        if (!isStream) {
            throw fields.wrong(NAME, "needs stream to be true");
        }
        final FieldReader options = new FieldReader(object, NAME);
        final boolean usage = options.bool("include_usage", false);
        final boolean continuous = options.bool("continuous_usage_stats", false);
        // Chunks aren't padded: there is nothing to obfuscate.
        options.bool("include_obfuscation", false);
        options.finish(Map.of());
        return new StreamOptions(usage, continuous);
    }
}
