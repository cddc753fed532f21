package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Batches, and the lines of their files. Thread-safe. */
public final class BatchParser {
    private static final int CUSTOM_ID_CHARS = 512;
    private static final Pattern WINDOW = Pattern.compile("([1-9][0-9]{0,5})([smhd])");
    private static final Map<String, Integer> UNITS = Map.of("s", 1, "m", 60, "h", 3600, "d", 86_400);

    private final HttpLimits.Api limits;
    private final RequestJson json;
    private final List<String> endpoints;

    /** A parser with these limits of batches that may ask for {@code endpoints}. */
    public BatchParser(final HttpLimits limits, final List<String> endpoints) {
        this.limits = limits.api();
        this.endpoints = List.copyOf(endpoints);
        this.json = new RequestJson(limits.json());
    }

    /**
     * One line.
     *
     * @param body of the request, as JSON
     */
    public record Line(String customId, ObjectNode body) {}

    /** {@code POST /v1/batches}. */
    public BatchRequest batch(final byte[] body) {
        final FieldReader fields = new FieldReader(json.parseObject(body), "");
        final String file = fields.text("input_file_id", limits.identifierChars());
        if (file == null) {
            throw fields.wrong("input_file_id", "is needed: the id of a file of the purpose batch");
        }
        final String endpoint = endpoint(fields);
        final String window = fields.text("completion_window", limits.identifierChars());
        final Matcher parts = WINDOW.matcher(window == null ? "24h" : window);
        if (!parts.matches()) {
            throw fields.wrong("completion_window", "must be 24h, or another number of s, m, h or d");
        }
        final ObjectNode metadata = Metadata.of(fields);
        fields.finish(Map.of("output_expires_after", "leave it out: cheshire.router.http.store.kept holds for all."));
        return new BatchRequest(
                file,
                endpoint,
                parts.group(),
                Long.parseLong(parts.group(1)) * UNITS.getOrDefault(parts.group(2), 1),
                metadata);
    }

    private String endpoint(final FieldReader fields) {
        final @Nullable String endpoint = fields.text("endpoint", limits.identifierChars());
        if (endpoint == null || !endpoints.contains(endpoint)) {
            throw fields.wrong("endpoint", "must be one of " + String.join(", ", endpoints) + " with this model");
        }
        return endpoint;
    }

    /**
     * A line of a batch's file.
     *
     * @throws ApiException it is none for this endpoint
     */
    public Line line(final byte[] line, final String endpoint) {
        final FieldReader fields = new FieldReader(json.parseObject(line), "");
        final String id = fields.text("custom_id", CUSTOM_ID_CHARS);
        if (id == null || id.isEmpty()) {
            throw fields.wrong("custom_id", "is needed: a string that no other line has");
        }
        if (!"POST".equals(fields.text("method", limits.identifierChars()))) {
            throw fields.wrong("method", "must be POST");
        }
        if (!endpoint.equals(fields.text("url", limits.identifierChars()))) {
            throw fields.wrong("url", "must be the endpoint of the batch, " + endpoint);
        }
        if (!(fields.get("body") instanceof final ObjectNode body)) {
            throw fields.wrong("body", "must be an object: the request");
        }
        if (body.path("stream").booleanValue()) {
            throw fields.wrong("body.stream", "is true; answers of a batch are whole");
        }
        fields.finish(Map.of());
        return new Line(id, body);
    }
}
