package io.cheshire.http.core;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Log-probabilities of a response's tokens until the text is told that they belong to: of an answer that calls tools
 * only the text before the calls is, so a token is told with the text that it ends in. Kept as JSON, which is written
 * several times in a stream. Single-threaded.
 */
final class ResponseTokens {
    private static final JsonFactory JSON = new JsonFactory();
    /** {@code {"token":"some","logprob":-12.345678,"bytes":[115,111,109,101]}} and the object that holds it. */
    private static final int ENTRY_BYTES = 128;

    private final TokenLabels labels;
    private final Deque<Token> open = new ArrayDeque<>();
    private long chars;

    /** @param end characters of the answer's text up to the token's end */
    private record Token(long end, RawValue json) {}

    ResponseTokens(final TokenLabels labels) {
        this.labels = labels;
    }

    /** Bytes of heap that a token takes. */
    static int bytesPerToken(final int alternatives) {
        return ENTRY_BYTES * (2 + alternatives);
    }

    /** The next tokens of the answer. */
    void add(final List<ShownPart> parts) {
        for (final ShownPart part : parts) {
            for (int i = part.from(); i < part.to(); i++) {
                chars += part.tokens().end(i) - part.startOf(i);
                open.add(new Token(chars, json(part, i)));
            }
        }
    }

    private RawValue json(final ShownPart part, final int i) {
        final StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            labels.token(json, part, i);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return new RawValue(text.toString());
    }

    /** Those that end within the first {@code textChars} characters of the answer, each once. */
    List<RawValue> within(final long textChars) {
        final List<RawValue> taken = new ArrayList<>();
        while (!open.isEmpty() && open.getFirst().end() <= textChars) {
            taken.add(open.remove().json());
        }
        return taken;
    }
}
