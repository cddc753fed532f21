package io.cheshire.ops.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.RoleConfig;
import io.cheshire.testing.ExpectedErrors;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What a wrong command line answers: one explained line, never a stack trace, and before any model is read. */
@Timeout(60)
class CommandErrorsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            serve --port 70000                                            | cheshire.router.http.port (--port) = 70000 | 0 to 65535
            serve --ops-port -1                                           | cheshire.ops.port (--ops-port) = -1 | auto, or 0 to 65535
            serve -Dcheshire.router.http.ops.key=x                        | cheshire.router.http.ops.key: is called cheshire.ops.key now | set that
            serve --nodes 0                                               | cheshire.nodes (--nodes) = 0 | 1 to 256
            local-cluster --nodes 257                                     | cheshire.nodes (--nodes) = 257 | max-nodes
            serve --port 0 -Dcheshire.router.http.tls.key=x               | cheshire.router.http.tls.certificate = "" | needed together
            serve --port 0 -Dcheshire.router.http.api-keys-file=none      | api-keys-file = none        | readable file
            serve -Dcheshire.router.http.port=many               | cheshire.router.http.port (--port) = many | 0 to 65535
            expert-node --seed 127.0.0.1:1                                | cheshire.role.node-id (--node-id) = -1 | 0 to 4095
            expert-node --seed 127.0.0.1:1 --node-id -2                   | cheshire.role.node-id (--node-id) = -2 | 0 to 4095
            expert-node --seed h:1 --node-id 1 -Dcheshire.role.failure-domain=r#1 | cheshire.role.failure-domain = r#1 | A-Z a-z 0-9
            local-cluster --racks 0                                       | --racks is 0                | at least 1
            local-cluster --coordinators 3                                | --coordinators is 3         | 1 or 2
            """)
    void shouldNameThingValueAndRemedyWhenASettingIsWrong(final String line, final String thing, final String remedy) {
        final String said = refused(line.strip().split(" +"));

        assertThat(said).contains(thing.strip(), remedy.strip()).hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({
        "serve, --port",
        "serve, --ops-port",
        "local-cluster, --port",
        "local-cluster, --ops-port",
        "coordinator --seed 127.0.0.1:1, --ops-port",
        "expert-node --seed 127.0.0.1:1 --node-id 0, --ops-port",
        "router --seed 127.0.0.1:1, --ops-port"
    })
    void shouldSayWhichPortIsTakenWhenItIs(final String command, final String flag) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            final String port = Integer.toString(taken.getLocalPort());

            final List<String> line = new ArrayList<>(List.of(command.split(" ")));
            line.addAll(List.of(flag, port, flag.equals("--port") ? "--ops-port" : "--port", "0"));

            final String said = refused(line.toArray(String[]::new));

            assertThat(said)
                    .contains("cannot listen on 127.0.0.1:" + port, flag)
                    .doesNotContain("\tat ")
                    .hasLineCount(1);
        }
    }

    @Test
    @ExpectedErrors("Address already in use")
    void shouldSayWhichAddressOfTheControlPlaneIsTakenWhenItIs() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            final String address = "127.0.0.1:" + taken.getLocalPort();

            final String said = refused(
                    "coordinator",
                    "--ops-port",
                    "0",
                    "--seed",
                    address,
                    "--cluster-port",
                    Integer.toString(taken.getLocalPort()));

            assertThat(said)
                    .contains("the control plane cannot listen on " + address, "--cluster-port")
                    .doesNotContain("\tat ")
                    .hasLineCount(1);
        }
    }

    @Test
    @ExpectedErrors("Address already in use")
    void shouldSayWhichAddressOfTheDataPlaneIsTakenWhenItIs() throws Exception {
        try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            final String channel = "aeron:udp?endpoint=127.0.0.1:" + taken.getLocalPort();

            final String said = refused(
                    "expert-node",
                    "--seed",
                    "127.0.0.1:1",
                    "--cluster-port",
                    "0",
                    "--ops-port",
                    "0",
                    "--node-id",
                    "0",
                    "--channel",
                    channel,
                    // Else the TCP port of the same number, which may be another test's.
                    "-Dcheshire.transport.lifeline-port=0");

            assertThat(said)
                    .contains("the data plane cannot listen on " + channel, "--channel")
                    .doesNotContain("\tat ")
                    .hasLineCount(1);
        }
    }

    /** The media driver maps some 50 MB of the host's shared memory: refused starts must not fill it. */
    @ParameterizedTest
    @CsvSource({
        "cheshire.router.engine.lanes=-3, lanes = -3: must be 1 to 64",
        "cheshire.coordinator.replicas=0, cheshire.coordinator.replicas = 0: must be auto, or 1 to 4096",
        "cheshire.device.kernels=abacus, cheshire.device.kernels = abacus: must be auto, cuda",
    })
    void shouldLeaveNoMediaDriverBehindWhenAStartFails(final String setting, final String reason) {
        final String model = Path.of(System.getProperty("cheshire.root"), "models", "cheshire-mini")
                .toString();

        final String said = refused("serve", "--port", "0", "--ops-port", "0", "--model", model, "-D" + setting);

        assertThat(said).contains(reason).doesNotContain("\tat ");
        final File memory = new File("/dev/shm");
        final File parent = memory.isDirectory() ? memory : new File(System.getProperty("java.io.tmpdir"));
        assertThat(parent.list((directory, name) ->
                        name.startsWith("cheshire-" + ProcessHandle.current().pid() + "-")))
                .isEmpty();
    }

    /** Three terms of 1 GiB for each of 512 channels: no host of a test has them free. */
    @ParameterizedTest
    @ValueSource(strings = {"serve", "local-cluster"})
    void shouldSayWhatTheMediaDriverNeedsWhenItsDirectoryHasNoRoom(final String command) {
        final String said = refused(
                command,
                "--nodes",
                "256",
                "--port",
                "0",
                "--ops-port",
                "0",
                "-Dcheshire.transport.term-buffer-bytes=1073741824");

        assertThat(said)
                .contains(
                        "the media driver's directory ",
                        "may need " + (48 + 512 * 3072 + 2) + " MiB",
                        "term-buffer-bytes",
                        "--shm-size")
                .hasLineCount(1);
    }

    @Test
    void shouldNameTheDirectoryWhenLogsCanNotBeWrittenThere(@TempDir final Path dir) throws Exception {
        final Path logs =
                Files.writeString(dir.resolve("file"), "not a directory").resolve("logs");

        assertThat(refused("local-cluster", "--port", "0", "--ops-port", "0", "--log-dir", logs.toString()))
                .contains(logs.toString(), "--log-dir")
                .hasLineCount(1);
    }

    @Test
    void shouldNameTheDirectoryWhenTheMediaDriverCanNotStartThere(@TempDir final Path dir) throws Exception {
        final Path config = Files.writeString(
                dir.resolve("c.conf"),
                "cheshire.transport.driver { mode = thread, directory = \"" + dir.resolve("c.conf/aeron") + "\" }");

        assertThat(refused(
                        "expert-node",
                        "--ops-port",
                        "0",
                        "--seed",
                        "127.0.0.1:1",
                        "--node-id",
                        "0",
                        "--channel",
                        "aeron:udp?endpoint=127.0.0.1:1",
                        "--config",
                        config.toString()))
                .contains(dir.resolve("c.conf/aeron").toString(), "cheshire.transport.driver.directory")
                .hasLineCount(1);
    }

    @Test
    void shouldTakeNumberAndChannelFromTheFileWhenNoFlagGivesThem(@TempDir final Path dir) throws Exception {
        final Path file = Files.writeString(
                dir.resolve("node.conf"), "cheshire.role { node-id = 3, channel = \"aeron:udp?endpoint=h:1\" }");

        final Settings settings = Settings.load(file, Map.of());

        final RoleConfig role = settings.read(ProcessConfig::launcher).role();
        assertThat(role.nodeId()).isEqualTo(3);
        assertThat(role.channel()).isEqualTo("aeron:udp?endpoint=h:1");
    }

    @Test
    void shouldGiveTheRouterItsHostWhenALocalClusterIsStarted() {
        final ProcessConfig config = Settings.load(null, Map.of()).read(ProcessConfig::launcher);

        assertThat(LocalClusterCommand.routerArguments(config, "0.0.0.0", 80, 81))
                .containsExactly("--host", "0.0.0.0", "--port", "80", "--ops-port", "81");
    }

    @Test
    void shouldServeTheModelUnderEveryNameThatTheFlagsGive() {
        final Serving serving = new Serving();
        final String flag = "--served-model-name";
        new CommandLine(serving).parseArgs(flag, "a", "b", "--port", "1", flag, "gpt-4o", flag, "a");
        final ProcessConfig config = serving.options.settings().read(ProcessConfig::launcher);

        assertThat(config.model().name()).isEqualTo("a");
        assertThat(config.model().aliases()).containsExactly("b", "gpt-4o");
        assertThat(LocalClusterCommand.routerArguments(config, "h", 80, 81))
                .containsSubsequence(
                        "--served-model-name", "a", "--served-model-name", "b", "--served-model-name", "gpt-4o");
        assertThatThrownBy(() -> Settings.load(null, Map.of("cheshire.model.aliases", List.of("x", " ")))
                        .read(ProcessConfig::launcher))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--served-model-name");
    }

    @CommandLine.Command
    private static final class Serving {
        @CommandLine.Mixin
        private ServerOptions options = new ServerOptions();
    }

    @Test
    void shouldShowALineThatTheServerAnswersWhenItHasTlsAndKeys() {
        assertThat(StartupReport.example("https://localhost:1", true, "m", false))
                .startsWith("curl -s https://localhost:1/v1/chat/completions ")
                .contains("-H 'authorization: Bearer KEY'", "\"model\":\"m\",\"messages\"");
        assertThat(StartupReport.example("http://localhost:1", false, "m", true))
                .isEqualTo("curl -s http://localhost:1/v1/completions -H 'content-type: application/json' -d"
                        + " '{\"model\":\"m\",\"prompt\":[1,2,3],\"max_tokens\":8,\"temperature\":0,\"logprobs\":1}'");
    }

    private static String refused(final String... arguments) {
        final StringWriter said = new StringWriter();
        final int status =
                Main.commandLine(arguments).setErr(new PrintWriter(said, true)).execute(arguments);
        assertThat(status).as("%s", said).isEqualTo(1);
        return said.toString();
    }
}
