package io.cheshire.ops.runtime.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.ops.core.LocalProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    private static final StateFile.Cluster CLUSTER =
            new StateFile.Cluster("127.0.0.1:7000", "/dev/shm/x", "http://localhost:8000", "http://localhost:9090");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    private final List<String> events = new ArrayList<>();

    private StateFile open() {
        return StateFile.open(directory.resolve("state.json"), CLUSTER, events::add);
    }

    private JsonNode read() throws IOException {
        return JSON.readTree(directory.resolve("state.json").toFile());
    }

    private static LocalProcess node(final long pid, final @Nullable Integer exitStatus, final int starts) {
        return new LocalProcess(
                "expert-node-3",
                "expert-node",
                3,
                pid,
                exitStatus == null,
                exitStatus,
                starts,
                Map.of("control", 7001, "data", 40_100),
                "/tmp/expert-node-3.log");
    }

    @Test
    void shouldSayWhatRunsAndWhere() throws IOException {
        try (StateFile state = open()) {
            assertThat(read().get("state").asText()).isEqualTo("starting");

            state.processes(List.of(node(17, null, 1)));
            state.ready();

            assertThat(read()).isEqualTo(JSON.readTree("""
                    {"version": 1, "state": "ready", "pid": %d, "seed": "127.0.0.1:7000",
                     "aeronDirectory": "/dev/shm/x", "api": "http://localhost:8000",
                     "operations": "http://localhost:9090",
                     "processes": [{"name": "expert-node-3", "role": "expert-node", "id": 3, "pid": 17,
                       "running": true, "starts": 1, "ports": {"control": 7001, "data": 40100},
                       "log": "/tmp/expert-node-3.log"}]}
                    """.formatted(
                            ProcessHandle.current().pid())));
        }
    }

    @Test
    void shouldSayThatAProcessEndedAndThatAllDid() throws IOException {
        try (StateFile state = open()) {
            state.processes(List.of(node(17, 137, 1)));
            final JsonNode ended = read().at("/processes/0");
            assertThat(ended.get("running").asBoolean()).isFalse();
            assertThat(ended.get("exitStatus").asInt()).isEqualTo(137);

            state.processes(List.of(node(18, null, 2)));
            assertThat(read().at("/processes/0/starts").asInt()).isEqualTo(2);
            assertThat(read().at("/processes/0").has("exitStatus")).isFalse();
        }

        assertThat(read().get("state").asText()).isEqualTo("ended");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(directory.resolve("state.json"));
        }
        open().close();
    }

    @Test
    void shouldAlwaysBeWholeForWhoeverReadsIt() throws Exception {
        final AtomicBoolean done = new AtomicBoolean();
        try (StateFile state = open()) {
            final Thread writer = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 500; i++) {
                    state.processes(i % 2 == 0 ? List.of() : List.of(node(i, null, i)));
                }
                done.set(true);
            });
            while (!done.get()) {
                assertThat(read().get("version").asInt()).isEqualTo(1);
            }
            writer.join();
        }
    }

    @Test
    void shouldNotOverwriteWhatIsSomethingElse() throws IOException {
        final Path file = Files.writeString(directory.resolve("state.json"), "{\"precious\": 1}");

        assertThatThrownBy(this::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("--state-file", file.toString(), "isn't overwritten");
        assertThat(file).hasContent("{\"precious\": 1}");
    }

    @Test
    void shouldNotOverwriteThatOfAClusterThatRuns() throws IOException {
        final long living = ProcessHandle.current().parent().orElseThrow().pid();
        final Path file = Files.writeString(
                directory.resolve("state.json"), "{\"version\": 1, \"state\": \"ready\", \"pid\": " + living + "}");

        assertThatThrownBy(this::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("a local-cluster that runs, process " + living);

        Files.writeString(file, "{\"version\": 1, \"state\": \"ready\", \"pid\": 2147483646}");
        open().close();
    }

    @Test
    void shouldSayOnceThatItCanNotBeWritten() throws IOException {
        final StateFile state = open();
        Files.delete(directory.resolve("state.json"));
        Files.createDirectories(directory.resolve("state.json/in-the-way"));

        state.processes(List.of());
        state.ready();

        assertThat(events).singleElement().asString().contains("--state-file", "out of date");
        assertThatThrownBy(() -> StateFile.open(directory.resolve("none/state.json"), CLUSTER, events::add))
                .hasMessageContainingAll("none/state.json", "can't be written");
    }
}
