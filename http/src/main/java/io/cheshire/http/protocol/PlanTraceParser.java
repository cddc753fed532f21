package io.cheshire.http.protocol;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a trace that somebody uploads for a plan: {@code {"name":"azure.csv","text":"TIMESTAMP,..."}}, or in place of
 * {@code text} the same compressed by gzip, in base64, as {@code gzip}. What its lines say is the planner's to judge;
 * here its size is, before it is unpacked, and a name that can't be taken for anything but a name. Thread-safe.
 */
public final class PlanTraceParser {
    /** Longest trace in bytes. */
    public static final int MOST_BYTES = 8 << 20;

    /** Most lines, the header among them. */
    public static final int MOST_LINES = 200_000;

    private static final String REMEDY = ": take a part of it, or plan with the whole of it on the command line"
            + " (./cheshire plan what-if --trace FILE).";
    private static final int NAME_CHARS = 120;
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9 ._()+-]*";

    private final RequestJson json;

    /** @param limits of which only the size of a body counts here: a trace is one long text */
    public PlanTraceParser(final HttpLimits.Json limits) {
        final int bytes = limits.documentBytes();
        this.json = new RequestJson(new HttpLimits.Json(bytes, 4, bytes, 64, 64, 16));
    }

    /**
     * An uploaded trace.
     *
     * @param name for people; letters, digits, blanks and few signs
     * @param text its lines
     */
    public record Trace(String name, String text) {}

    /**
     * Reads a body.
     *
     * @throws ApiException that says which limit is passed, by how much, and what to do
     */
    public Trace trace(final byte[] body) {
        final FieldReader fields = new FieldReader(json.parseObject(body), "");
        final String name = fields.text("name", NAME_CHARS);
        final String plain = fields.text("text", Integer.MAX_VALUE);
        final String packed = fields.text("gzip", Integer.MAX_VALUE);
        fields.finish(Map.of());
        if (name == null || !name.matches(NAME)) {
            throw ApiException.invalid("name", "name must be the file's, in letters, digits, blanks and . _ ( ) + -");
        }
        if ((plain == null) == (packed == null)) {
            throw ApiException.invalid("text", "Send the trace's lines as text, or as gzip in base64; not both.");
        }
        final String text = text(name, plain, packed);
        if (text.isBlank()) {
            throw ApiException.invalid("text", name + " is empty; send a trace's lines.");
        }
        final long lines = text.chars().filter(c -> c == '\n').count() + (text.endsWith("\n") ? 0 : 1);
        if (lines > MOST_LINES) {
            throw tooLarge(name + " has " + lines + " lines; the limit is " + MOST_LINES);
        }
        return new Trace(name, text);
    }

    private static String text(final String name, final @Nullable String plain, final @Nullable String packed) {
        if (plain != null) {
            // Bodies are smaller than this, as they are set; but that is another's setting.
            if (plain.length() > MOST_BYTES) {
                throw tooLarge(name + " has " + plain.length() + " characters; the limit is " + MOST_BYTES);
            }
            return plain;
        }
        try (InputStream in =
                new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(String.valueOf(packed))))) {
            final byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw tooLarge(name + " has more than " + MOST_BYTES + " bytes, which is the limit");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (final CharacterCodingException wrong) {
            throw ApiException.invalid("gzip", name + " isn't UTF-8; a trace is a text: CSV, or a JSON object a line.");
        } catch (final IOException | IllegalArgumentException wrong) {
            throw ApiException.invalid("gzip", "gzip isn't base64 of what gzip wrote; send the trace as text instead.");
        }
    }

    private static ApiException tooLarge(final String what) {
        return ApiException.of(413, "trace_too_large", what + REMEDY);
    }
}
