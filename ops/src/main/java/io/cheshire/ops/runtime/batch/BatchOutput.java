package io.cheshire.ops.runtime.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The file of answers: a line for each line of the input, in its order. What an earlier run left is gone on with: its
 * whole lines stay, half a last one is cut off. Used by one thread.
 */
final class BatchOutput implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileChannel channel;
    private int lines;

    private BatchOutput(final FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Opens it behind what is there.
     *
     * @throws IllegalArgumentException it holds something else than answers to the input's first lines
     */
    static BatchOutput open(final Path file, final Path input) throws IOException {
        final FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        final BatchOutput output = new BatchOutput(channel);
        try (BufferedReader asked = Files.newBufferedReader(input);
                BufferedReader answered = Files.newBufferedReader(file)) {
            output.goOn(asked, answered, file);
            return output;
        } catch (final IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void goOn(final BufferedReader asked, final BufferedReader answered, final Path file) throws IOException {
        long whole = 0;
        for (String line = answered.readLine(); line != null; line = answered.readLine()) {
            final long end = whole + line.getBytes(StandardCharsets.UTF_8).length + 1;
            if (end > channel.size()) {
                break;
            }
            final String question = nextLine(asked);
            if (question == null || !idOf(question).equals(idOf(line))) {
                throw new IllegalArgumentException(file + ", line " + (lines + 1)
                        + ": is no answer to that line of the input; name another file with --output");
            }
            lines++;
            whole = end;
        }
        channel.truncate(whole);
        channel.position(whole);
    }

    /** The next that isn't blank, or null. */
    static @Nullable String nextLine(final BufferedReader reader) throws IOException {
        String line = reader.readLine();
        while (line != null && line.isBlank()) {
            line = reader.readLine();
        }
        return line;
    }

    private static JsonNode idOf(final String line) throws IOException {
        try {
            return JSON.readTree(line).path("custom_id");
        } catch (final com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException("a line is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Lines that are there. */
    int lines() {
        return lines;
    }

    /** Adds an answer, with its end at once. */
    void add(final String answer) throws IOException {
        final ByteBuffer bytes = StandardCharsets.UTF_8.encode(answer + "\n");
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        lines++;
    }

    @Override
    public void close() throws IOException {
        channel.force(true);
        channel.close();
    }
}
