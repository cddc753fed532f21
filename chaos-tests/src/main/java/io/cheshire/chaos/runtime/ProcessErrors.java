package io.cheshire.chaos.runtime;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lines of level ERROR that processes have logged which this JVM started, and which nobody has taken yet: what they
 * print here, and what the children of a {@code local-cluster} add to their log files. A process that is killed writes
 * none. Safe from any thread.
 */
public final class ProcessErrors {
    /** Those of all processes of this JVM. */
    static final ProcessErrors OF_ALL = new ProcessErrors();

    private static final Pattern LINE = Pattern.compile("^\\d{2}:\\d{2}:\\d{2}\\.\\d{3} [A-Z]+ .*");
    private static final Pattern ERROR = Pattern.compile("^\\d{2}:\\d{2}:\\d{2}\\.\\d{3} ERROR .*");
    private static final Pattern CHILD = Pattern.compile("^(\\S+): pid \\d+, log (.+)$");
    private static final int LINES_KEPT = 1000;
    private static final int TRACE_LINES_KEPT = 30;

    /** How far each log file has been read. */
    private final Map<Path, Long> readUpTo = new LinkedHashMap<>();

    private final List<String> found = new ArrayList<>();

    /** Takes all that were found since the last time, oldest first of each process, with their stack traces. */
    public static List<String> take() {
        return OF_ALL.takeFound();
    }

    /** A process printed this; it may name the log of a child. */
    synchronized void printed(final String process, final String line) {
        final Matcher child = CHILD.matcher(line);
        if (child.matches()) {
            readUpTo.putIfAbsent(Path.of(child.group(2)), 0L);
        } else if (ERROR.matcher(line).matches()) {
            add(process + ": " + line);
        }
    }

    synchronized List<String> takeFound() {
        readUpTo.replaceAll(this::read);
        final List<String> taken = List.copyOf(found);
        found.clear();
        return taken;
    }

    private void add(final String line) {
        if (found.size() < LINES_KEPT) {
            found.add(line);
        }
    }

    /** Reads the whole lines from there on; returns where the next one begins. */
    private long read(final Path log, final long from) {
        if (!Files.isRegularFile(log)) {
            return from; // not begun yet, or tidied away with the test's folder
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            final byte[] bytes = new byte[Math.toIntExact(Math.max(0, file.length() - from))];
            file.seek(from);
            file.readFully(bytes);
            int end = bytes.length;
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            look(log, new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList());
            return from + end;
        } catch (final IOException cause) {
            throw new UncheckedIOException("cannot read the log " + log + " of a process", cause);
        }
    }

    private void look(final Path log, final List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            if (ERROR.matcher(lines.get(i)).matches()) {
                final StringBuilder error = new StringBuilder(log.getFileName() + ": " + lines.get(i));
                for (int next = i + 1; next < lines.size() && next <= i + TRACE_LINES_KEPT; next++) {
                    if (LINE.matcher(lines.get(next)).matches()) {
                        break;
                    }
                    error.append('\n').append(lines.get(next));
                }
                add(error.toString());
            }
        }
    }
}
