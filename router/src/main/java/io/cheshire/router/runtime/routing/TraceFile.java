package io.cheshire.router.runtime.routing;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A routing trace being written: CSV with comments, described in {@code docs/routing-traces.md}.
 *
 * <pre>
 * # cheshire routing trace 1
 * # model 3fb1... layers 4 experts 16
 * step,layer,e0,e1,...,e15
 * 2,0,1,0,...,3
 * # end: 1 records, 0 dropped
 * </pre>
 *
 * Used by one thread.
 */
final class TraceFile {
    private static final int EXPECTED_LINE_CHARS = 256;

    private final Path path;
    private final Writer out;
    private final long maxBytes;
    private final StringBuilder line = new StringBuilder(EXPECTED_LINE_CHARS);
    private long bytes;
    private long records;
    private long tooMany;

    private TraceFile(final Path path, final Writer out, final long maxBytes) {
        this.path = path;
        this.out = out;
        this.maxBytes = maxBytes;
    }

    static TraceFile create(
            final Path path, final String modelFingerprint, final int layers, final int experts, final long maxBytes)
            throws IOException {
        final BufferedWriter out =
                Files.newBufferedWriter(path, StandardCharsets.US_ASCII, StandardOpenOption.CREATE_NEW);
        return begin(path, out, modelFingerprint, layers, experts, maxBytes);
    }

    /** Over a writer to {@code path}. */
    static TraceFile begin(
            final Path path,
            final Writer out,
            final String modelFingerprint,
            final int layers,
            final int experts,
            final long maxBytes)
            throws IOException {
        final TraceFile file = new TraceFile(path, out, maxBytes);
        file.line.append("# cheshire routing trace 1\n# model ").append(modelFingerprint);
        file.line.append(" layers ").append(layers).append(" experts ").append(experts);
        file.line.append("\nstep,layer");
        for (int expert = 0; expert < experts; expert++) {
            file.line.append(",e").append(expert);
        }
        file.put();
        out.flush();
        return file;
    }

    Path path() {
        return path;
    }

    void write(final long step, final int layer, final int[] rows) throws IOException {
        if (bytes >= maxBytes) {
            tooMany++;
            return;
        }
        line.append(step).append(',').append(layer);
        for (final int count : rows) {
            line.append(',').append(count);
        }
        put();
        records++;
    }

    void flush() throws IOException {
        out.flush();
    }

    /** Writes the last line. {@code dropped}: records that never got here. */
    void close(final long dropped) throws IOException {
        line.append("# end: ").append(records).append(" records, ").append(dropped + tooMany);
        line.append(" dropped");
        put();
        out.close();
    }

    private void put() throws IOException {
        line.append('\n');
        out.append(line);
        bytes += line.length();
        line.setLength(0);
    }
}
