package io.cheshire.chaos.experiment.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command says and returns, on the simulation. */
class RunCommandTest {
    private static final String FILE = """
            name: a node killed
            load: {streams: 4, duration: 5s}
            cluster: {on: simulation, nodes: 3, copies: 2}
            faults:
              - {at: 2s, kind: kill, target: {random: 1}}
            hypothesis: {tokens: identical, longest-gap-at-most: 10s}
            """;

    @TempDir
    private Path folder;

    /** @param status of the command */
    private record Said(int status, String text) {}

    private Said run(final String text, final String... flags) throws IOException {
        final Path file = Files.writeString(folder.resolve("file.yaml"), text);
        final String[] arguments = new String[flags.length + 1];
        arguments[0] = file.toString();
        System.arraycopy(flags, 0, arguments, 1, flags.length);
        return execute(new RunCommand(), arguments);
    }

    private static Said execute(final Object command, final String... arguments) throws IOException {
        final PrintStream out = System.out;
        final PrintStream err = System.err;
        try (java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
                PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(both);
            System.setErr(both);
            final int status = new CommandLine(command).execute(arguments);
            return new Said(status, bytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    @Test
    void shouldEndWith0AndWriteBothReportsWhenTheHypothesisHolds() throws IOException {
        final Path html = folder.resolve("report.html");
        final Path json = folder.resolve("report.json");

        final Said said = run(FILE, "--html", html.toString(), "--json-out", json.toString());

        assertThat(said.status()).as(said.text()).isZero();
        assertThat(said.text()).contains("a node killed: HELD", "tokens: identical holds: 0 altered and 0 broken of");
        assertThat(html).content().contains("<svg", "a node killed");
        final Said compared = execute(new CompareCommand(), json.toString(), json.toString());
        assertThat(compared.status()).isZero();
        assertThat(compared.text()).contains("longest gap", "tokens per second");
    }

    @Test
    void shouldEndWith1AndSayFigureAndLimitWhenItDoesNot() throws IOException {
        final Said said = run(FILE.replace("10s}", "1ms}"));

        assertThat(said.status()).isEqualTo(1);
        assertThat(said.text())
                .contains("a node killed: NOT_HELD", "longest-gap-at-most does not hold: ", "at most 1 ms");
    }

    @Test
    void shouldEndWith2AndNamePlaceAndRemedyWhenItIsRefused() throws IOException {
        final Said wrong = run(FILE.replace("at: 2s", "at: 5x"));
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.text()).contains("file.yaml:5:10: at: \"5x\" is no duration; write 500ms, 5s, 2m");

        final Said beyond =
                run(FILE.replace("partition", "kill"), "--on", "running", "--api", "http://x", "--ops", "http://y");
        assertThat(beyond.status()).isEqualTo(2);
        assertThat(beyond.text()).contains("kill can't be done on: running; there it can do move, drain");
    }

    @Test
    void shouldRefuseBeforeTheRunWhatCouldNotBeWrittenAfterIt() throws IOException {
        final Said said = run(FILE, "--html", folder.resolve("none/report.html").toString());

        assertThat(said.status()).isEqualTo(2);
        assertThat(said.text())
                .contains("report.html can't be written; name a file in a folder that is there")
                .doesNotContain("without faults");
    }

    @Test
    void shouldRefuseAddressesOfARunningClusterElsewhere() throws IOException {
        final Said said = run(FILE, "--on", "simulation", "--ops", "http://127.0.0.1:9");

        assertThat(said.status()).isEqualTo(2);
        assertThat(said.text()).contains("--api and --ops are addresses of a running cluster");
    }

    @Test
    void shouldNotCompareWhatIsNoReport() throws IOException {
        final Path text = Files.writeString(folder.resolve("text.json"), "no report");
        final Path other = Files.writeString(folder.resolve("other.json"), "{}");

        final Said said = execute(new CompareCommand(), text.toString(), other.toString());
        assertThat(said.status()).isEqualTo(2);
        assertThat(said.text()).contains("text.json is no JSON");
        assertThat(execute(new CompareCommand(), other.toString(), other.toString())
                        .text())
                .contains("other.json is no report of chaos run");
    }

    @Test
    void shouldOnlySayWhoWouldBeHitInADryRun() throws IOException {
        final Said said = run(FILE, "--dry-run", "--seed", "4");

        assertThat(said.status()).isZero();
        assertThat(said.text()).contains("a node killed, seed 4").containsPattern("2 s  kill expert-node-[012]");
        assertThat(run(FILE, "--dry-run", "--seed", "4")).isEqualTo(said);
    }
}
