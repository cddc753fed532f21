package io.cheshire.chaos.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.benchmarks.serve.core.SseParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** An answer that comes in server-sent events. Closing it before its end hangs up. One thread. */
public final class EventStream implements AutoCloseable {
    private static final int READ_BYTES = 8192;
    private static final String DONE = "[DONE]";

    private final InputStream in;
    private final Queue<String> events = new ArrayDeque<>();
    private final SseParser parser =
            new SseParser((name, data) -> events.add(new String(data, StandardCharsets.UTF_8)));
    private final byte[] buffer = new byte[READ_BYTES];
    private boolean isDone;

    EventStream(final InputStream in) {
        this.in = in;
    }

    /**
     * The next chunk, or null after {@code [DONE]}.
     *
     * @throws IOException the connection broke, or ended without {@code [DONE]}
     */
    public @Nullable JsonNode next() throws IOException {
        if (isDone) {
            return null;
        }
        while (events.isEmpty()) {
            final int count = in.read(buffer);
            if (count < 0) {
                throw new IOException("the stream ended without " + DONE);
            }
            parser.accept(buffer, 0, count);
        }
        final String event = events.remove();
        if (event.equals(DONE)) {
            isDone = true;
            readToEnd();
            return null;
        }
        return JsonClient.parse(event);
    }

    /** Closing before the end closes the connection, though the client may have given it to another request by then. */
    private void readToEnd() throws IOException {
        while (in.read(buffer) >= 0) {
            // Nothing comes after the last event.
        }
    }

    /** All chunks that are still to come. */
    public List<JsonNode> rest() throws IOException {
        final List<JsonNode> chunks = new ArrayList<>();
        for (JsonNode chunk = next(); chunk != null; chunk = next()) {
            chunks.add(chunk);
        }
        return chunks;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
