package io.cheshire.ops.runtime.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.cheshire.ops.core.LocalProcess;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What {@code local-cluster --state-file FILE} says to programs: which processes there are, where they listen, and how
 * often each was started. Written whole each time and moved into place, so that a reader always finds one state, whole.
 * At the end it stays, and says so. Used by one thread.
 */
public final class StateFile implements AutoCloseable {
    /** Of the file's form: changed when a reader of the old one would misread the new one. */
    static final int VERSION = 1;

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Null: nobody asked for one. */
    private final @Nullable Path file;

    private final Cluster cluster;
    private final Consumer<String> events;
    private Phase phase = Phase.STARTING;
    private List<LocalProcess> processes = List.of();
    private boolean complained;

    /** Of the cluster as a whole. */
    private enum Phase {
        STARTING,
        READY,
        ENDED
    }

    /**
     * What stays the same.
     *
     * @param seed           {@code host:port} of a process to join
     * @param aeronDirectory of the media driver that all share
     * @param api            base URL of the API
     * @param operations     base URL of the router's operations listener
     */
    public record Cluster(String seed, String aeronDirectory, String api, String operations) {}

    private record State(
            int version,
            String state,
            long pid,
            String seed,
            String aeronDirectory,
            String api,
            String operations,
            List<LocalProcess> processes) {}

    private StateFile(final @Nullable Path file, final Cluster cluster, final Consumer<String> events) {
        this.file = file;
        this.cluster = cluster;
        this.events = events;
    }

    /**
     * Says that the cluster is starting.
     *
     * @param named  the file; null for none, where nothing is written
     * @param events told when the file can't be written later on
     * @throws IllegalArgumentException it can't be written, is something else, or another cluster writes it
     */
    public static StateFile open(final @Nullable Path named, final Cluster cluster, final Consumer<String> events) {
        if (named == null) {
            return new StateFile(null, cluster, events);
        }
        final Path file = named.toAbsolutePath();
        requireOurs(file);
        final StateFile state = new StateFile(file, cluster, events);
        try {
            state.replace(file);
        } catch (final IOException cause) {
            throw new IllegalArgumentException(
                    "--state-file " + file + " can't be written: " + cause + "; name a file in a directory that can",
                    cause);
        }
        return state;
    }

    private static void requireOurs(final Path file) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        final JsonNode before;
        try {
            before = JSON.readTree(file.toFile());
        } catch (final IOException other) {
            throw isSomethingElse(file);
        }
        if (!before.path("version").isInt() || !before.path("pid").isIntegralNumber()) {
            throw isSomethingElse(file);
        }
        final long pid = before.path("pid").asLong();
        final boolean hasEnded = before.path("state").asText().equals(word(Phase.ENDED));
        if (!hasEnded
                && pid != ProcessHandle.current().pid()
                && ProcessHandle.of(pid).isPresent()) {
            throw new IllegalArgumentException("--state-file " + file + " is of a local-cluster that runs, process "
                    + pid + "; name another one, or stop that cluster");
        }
    }

    private static IllegalArgumentException isSomethingElse(final Path file) {
        return new IllegalArgumentException("--state-file " + file
                + " is there and isn't one, so it isn't overwritten; name another one, or delete it");
    }

    /** A process started or ended. */
    public void processes(final List<LocalProcess> now) {
        processes = List.copyOf(now);
        write();
    }

    /** The cluster serves. */
    public void ready() {
        phase = Phase.READY;
        write();
    }

    /** Nothing of it runs any more. */
    @Override
    public void close() {
        phase = Phase.ENDED;
        write();
    }

    private void write() {
        if (file == null) {
            return;
        }
        try {
            replace(file);
            complained = false;
        } catch (final IOException cause) {
            if (!complained) {
                complained = true;
                events.accept("--state-file " + file + " is out of date, it can't be written: " + cause);
            }
        }
    }

    private void replace(final Path target) throws IOException {
        final Path next = target.resolveSibling(target.getFileName() + ".next");
        JSON.writeValue(
                next.toFile(),
                new State(
                        VERSION,
                        word(phase),
                        ProcessHandle.current().pid(),
                        cluster.seed,
                        cluster.aeronDirectory,
                        cluster.api,
                        cluster.operations,
                        processes));
        try {
            Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (final AtomicMoveNotSupportedException never) {
            throw new IOException("its file system can't replace a file at once", never);
        }
    }

    private static String word(final Phase phase) {
        return switch (phase) {
            case STARTING -> "starting";
            case READY -> "ready";
            case ENDED -> "ended";
        };
    }
}
