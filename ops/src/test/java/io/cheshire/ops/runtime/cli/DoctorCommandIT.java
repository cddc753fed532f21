package io.cheshire.ops.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command, on the host of the tests: what it finds depends on the host, what is wrong on purpose it must find. */
@Timeout(120)
class DoctorCommandIT {
    private static final String MINI = Path.of(System.getProperty("cheshire.root", ".."), "models", "cheshire-mini")
            .toString();

    @TempDir
    private Path directory;

    private int status;

    private JsonNode examined(final String... flags) throws IOException {
        final List<String> arguments = new ArrayList<>(List.of("doctor", "--json"));
        arguments.addAll(List.of(flags));
        final String printed = printed(arguments);
        // The tests' log goes to the same stream, the product's doesn't.
        return new ObjectMapper().readTree(printed.substring(printed.indexOf("{\n")));
    }

    private String printed(final List<String> arguments) {
        final PrintStream before = System.out;
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            status = Main.run(arguments.toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static JsonNode check(final JsonNode examination, final String name) {
        for (final JsonNode check : examination.path("checks")) {
            if (check.path("check").asText().equals(name)) {
                return check;
            }
        }
        throw new AssertionError("no " + name + " in " + examination.toPrettyString());
    }

    @Test
    void shouldExamineThisHost() throws IOException {
        final String text = printed(List.of("doctor", "--model", MINI, "--port", "0", "--ops-port", "0"));

        System.out.println(text);
        assertThat(text).contains("kernels ", "oneDNN", "GB/s", "cheshire-mini", "gpu ");
        assertThat(text.lines()).allMatch(line -> line.length() <= 120);
        assertThat(status).isEqualTo(text.lines().anyMatch(line -> line.startsWith("FAIL")) ? 1 : 0);
    }

    @Test
    void shouldGiveMachinesEveryCheckWithItsStatus() throws IOException {
        final JsonNode examination = examined("--model", MINI, "--port", "0", "--ops-port", "0");

        assertThat(examination.path("schema").asText()).isEqualTo("cheshire-doctor/1");
        assertThat(check(examination, "model").path("status").asText()).isEqualTo("ok");
        assertThat(check(examination, "settings").path("status").asText()).isEqualTo("ok");
        assertThat(check(examination, "kernels").path("found").asText()).contains("oneDNN");
        assertThat(examination.path("checks"))
                .allSatisfy(check -> assertThat(check.path("status").asText()).isIn("ok", "warn", "fail"));
    }

    @Test
    void shouldFailWithTheWordsOfAStartWhenSettingsAreWrong() throws IOException {
        final Path file =
                Files.writeString(directory.resolve("c.conf"), "cheshire { nodes = 300, router.engine.lane = 3 }");

        final JsonNode settings = check(examined("--config", file.toString()), "settings");

        assertThat(status).isOne();
        assertThat(settings.path("status").asText()).isEqualTo("fail");
        assertThat(settings.path("found").asText())
                .contains(
                        "cheshire.nodes (--nodes) = 300: must be 1 to 256, cheshire.coordinator.max-nodes",
                        "cheshire.router.engine.lane: unknown; did you mean cheshire.router.engine.lanes?")
                .doesNotContain("problems");
    }

    @Test
    void shouldFailWhenAPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            final JsonNode ports = check(
                    examined("--model", MINI, "--port", Integer.toString(taken.getLocalPort()), "--ops-port", "0"),
                    "ports");

            assertThat(status).isOne();
            assertThat(ports.path("found").asText()).contains("127.0.0.1:" + taken.getLocalPort() + " is taken");
            assertThat(ports.path("remedy").asText()).contains("--port");
        }
    }

    @Test
    void shouldFailWhenThereIsNoModel() throws IOException {
        final JsonNode model = check(
                examined("--model", directory.resolve("none").toString(), "--port", "0", "--ops-port", "0"), "model");

        assertThat(status).isOne();
        assertThat(model.path("status").asText()).isEqualTo("fail");
        assertThat(model.path("found").asText())
                .contains(directory.resolve("none").toString());
    }

    /** As a process that has ended leaves it. */
    private Path marked(final String name) throws IOException {
        return Files.writeString(
                Files.createDirectory(directory.resolve(name)).resolve("cheshire.owner"),
                "media driver of a cheshire process; pid, start, end of mark: 999999999 1\n");
    }

    @Test
    void shouldNameWhatKilledProcessesLeftAndNotWhatLivingOnesUse() throws IOException {
        final Path left = marked("cheshire-1-" + UUID.randomUUID()).getParent();
        final Path mark = marked("cheshire-2-" + UUID.randomUUID());
        // Starts delete what has a process's name only: what people named is used anew by its own.
        marked("cheshire-pod");
        try (FileChannel channel = FileChannel.open(mark, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            final JsonNode files = check(
                    examined(
                            "--model",
                            MINI,
                            "--port",
                            "0",
                            "--ops-port",
                            "0",
                            "-Dcheshire.transport.driver.directory=" + directory),
                    "left files");

            assertThat(files.path("status").asText()).isEqualTo("warn");
            assertThat(files.path("found").asText())
                    .contains("1 in ", left.getFileName().toString())
                    .doesNotContain("cheshire-2-", "cheshire-pod");
            assertThat(left).exists();
        }
    }
}
