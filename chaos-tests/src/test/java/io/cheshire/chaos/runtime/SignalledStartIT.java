package io.cheshire.chaos.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A command that starts a cluster leaves none of its processes, even if it is ended while they start. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SignalledStartIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** The command, its launcher, and the coordinator that all others wait for. */
    private static final int AMID_THE_START = 3;

    private final Map<Long, ProcessHandle> seen = new TreeMap<>();

    private List<ProcessHandle> alive() {
        final List<ProcessHandle> known = new ArrayList<>(seen.values());
        known.forEach(process -> process.descendants().forEach(child -> seen.put(child.pid(), child)));
        return seen.values().stream().filter(ProcessHandle::isAlive).toList();
    }

    @AfterEach
    void endWhatWasLeft() {
        alive().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void shouldLeaveNoProcessWhenItIsTerminatedWhileItsClusterStarts(@TempDir final Path folder) throws Exception {
        assertNothingIsLeftAfter("TERM", 143, folder);
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "KILL, 137"})
    @EnabledIfSystemProperty(
            named = "cheshire.test.long",
            matches = "true",
            disabledReason = "starts two more clusters: give -Dcheshire.test.long=true")
    void shouldLeaveNoProcessEither(final String signal, final int status, @TempDir final Path folder)
            throws Exception {
        assertNothingIsLeftAfter(signal, status, folder);
    }

    private void assertNothingIsLeftAfter(final String signal, final int status, final Path folder) throws Exception {
        final Process command = start(folder);
        seen.put(command.pid(), command.toHandle());
        Await.until(
                "its cluster is starting",
                LIMIT,
                () -> alive().size() >= AMID_THE_START || !command.isAlive(),
                () -> alive().toString());
        final int amid = alive().size();

        new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + command.pid())
                .start()
                .waitFor();

        Await.until("none of its processes is left", LIMIT, () -> alive().isEmpty(), () -> alive().toString());
        final String said = Files.readString(folder.resolve("err"));
        assertThat(command.waitFor()).as(said).isEqualTo(status);
        assertThat(amid).as("processes when it was signalled").isGreaterThanOrEqualTo(AMID_THE_START);
        assertThat(said).doesNotContain("warming up", "Exception");
    }

    private static Process start(final Path folder) throws IOException {
        final Path file = Files.writeString(folder.resolve("experiment.yaml"), """
                name: a node killed
                load: {streams: 2}
                cluster: {nodes: 3}
                faults: [{at: 1s, kind: kill, target: {node: 1}}]
                hypothesis: {tokens: identical}
                """);
        final List<String> words = new ArrayList<>(BuiltProduct.command());
        words.addAll(List.of("chaos", "run", file.toString()));
        return new ProcessBuilder(words)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }
}
