package io.cheshire.planner.runtime.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.model.testing.SampleCalibration;
import io.cheshire.ops.runtime.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class PlanCommandTest {
    private static final String[] FOUR_FLAGS = {
        "what-if", "--nodes", "16", "--rate", "1", "--prompt", "1024", "--output", "256"
    };

    @TempDir
    private Path directory = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String... arguments) {
        return new CommandLine(new PlanCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private static String[] and(final String[] some, final String... more) {
        final String[] all = java.util.Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    @Test
    void shouldAnswerFourFlagsInWordsFirst() {
        assertThat(run(FOUR_FLAGS)).isZero();
        assertThat(out.toString())
                .startsWith("16 nodes, 2 replicas, 2 routers carry 1.00 requests/s")
                .contains("Knee at", "survive any one node: yes", "ASSUMED, not calibrated");
    }

    @Test
    void shouldGiveTheSameBytesForTheSameSeed() throws IOException {
        assertThat(run(and(
                        FOUR_FLAGS, "--json", "--html", directory.resolve("a").toString())))
                .isZero();
        final String first = out.toString();
        out.getBuffer().setLength(0);
        assertThat(run(and(
                        FOUR_FLAGS, "--json", "--html", directory.resolve("a").toString())))
                .isZero();
        assertThat(out.toString()).isEqualTo(first);

        final JsonNode json = new ObjectMapper().readTree(first);
        assertThat(json.path("assumed").asBoolean()).isTrue();
        assertThat(json.path("chosen").path("knee").path("low").asDouble()).isPositive();
        assertThat(json.path("sensitivity")).hasSize(9);
    }

    @Test
    void shouldWriteAPageThatFetchesNothing() throws IOException {
        run(and(FOUR_FLAGS, "--html", directory.resolve("plan.html").toString(), "--csv", directory.toString()));

        assertThat(Files.readString(directory.resolve("plan.html")))
                .contains("<svg", "keeps every objective", "default-src 'none'")
                .doesNotContain("<script", "src=", "href=");
        assertThat(Files.readString(directory.resolve("sweep.csv"))).contains("OVERLOADED");
    }

    @Test
    void shouldEndWithOneWhereAnObjectiveIsMissedAndWithTwoWhereThePlanIsRefused() {
        assertThat(run("what-if", "--rate", "1000000")).isEqualTo(1);
        assertThat(run("what-if", "--nodes", "2", "--replicas", "3")).isEqualTo(2);
        assertThat(err.toString()).contains("fleet.replicas");
    }

    @Test
    void shouldFindTheCheapestFleetThatKeepsTheObjectives() throws IOException {
        assertThat(run(
                        "search",
                        "--rate",
                        "2",
                        "--preset",
                        "chat",
                        "--nodes",
                        "4,8,16",
                        "--routers",
                        "1,2,4",
                        "--replicas",
                        "1,2",
                        "--availability",
                        "0.999",
                        "--json"))
                .isZero();
        final JsonNode json = new ObjectMapper().readTree(out.toString());
        final double price = json.path("chosen").path("price").asDouble();
        for (final JsonNode each : json.path("candidates")) {
            assertThat(!each.path("keeps").asBoolean() || each.path("price").asDouble() >= price)
                    .isTrue();
        }
        assertThat(json.path("looked_at").asInt()).isEqualTo(18);
    }

    @Test
    void shouldEmitSettingsThatTheProductKnows() throws IOException {
        final Path file = directory.resolve("emitted.conf");
        assertThat(run("emit", "--to", "hocon", "--rate", "0.05", "--preset", "rag", "--out", file.toString()))
                .isZero();

        final String effective = Settings.load(file, Map.of()).render();

        assertThat(effective).contains("context-limit=12288").contains("ridge-rows=300");
    }

    /** The same figures as words and as JSON; how large machines are is nobody's question. */
    @Test
    void shouldSayHowExactlyCostsAreKnown() throws IOException {
        final Path file = directory.resolve("machine.json");
        CalibrationStore.write(SampleCalibration.sample(), file);
        assertThat(run("accuracy", "--calibration", file.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("machine: a CPU, 2026-01-02, abc1234", "ffn", "± 10.0 %", "x 1.10", "warning: it rained");
        out.getBuffer().setLength(0);

        assertThat(run("accuracy", "--calibration", file.toString(), "--json")).isZero();

        final JsonNode machine = new ObjectMapper().readTree(out.toString()).at("/classes/0");
        assertThat(machine.get("name").asText()).isEqualTo("machine");
        final JsonNode ffn = machine.get("quantities").get(0);
        assertThat(ffn.get("name").asText()).isEqualTo("ffn");
        assertThat(ffn.get("error").asDouble()).isEqualTo(0.1);
        assertThat(ffn.get("worst").asDouble()).isEqualTo(0.1);
        assertThat(ffn.get("points").asInt()).isEqualTo(2);
        out.getBuffer().setLength(0);
        assertThat(run("accuracy")).isZero();
        assertThat(out.toString()).contains("h200: a data sheet, nothing was measured", "± 40.0 %");
    }

    @Test
    void shouldSayWhatFailuresCost() {
        assertThat(run("availability", "--racks", "4", "--availability", "0.999"))
                .isZero();
        assertThat(out.toString()).contains("any one rack: yes", "nodes away");
    }

    private static final String MINI = Path.of(System.getProperty("cheshire.root", ".."), "models/cheshire-mini")
            .toAbsolutePath()
            .toString();

    @Test
    void shouldSimulateAFleetBesideTheClosedFormWhenAskedTo() throws IOException {
        final String[] small = {
            "what-if",
            "--model",
            MINI,
            "--node-class",
            "cpu",
            "--nodes",
            "3",
            "--routers",
            "1",
            "--rate",
            "20",
            "--prompt",
            "32",
            "--output",
            "8",
            "--requests",
            "40",
            "--json"
        };
        assertThat(run(and(small, "--fidelity", "step"))).isZero();
        final JsonNode step = new ObjectMapper().readTree(out.toString()).path("simulated");
        out.getBuffer().setLength(0);
        final Path page = directory.resolve("plan.html");
        assertThat(run(and(small, "--fidelity", "exact", "--html", page.toString(), "--csv", directory.toString())))
                .isZero();
        final JsonNode exact = new ObjectMapper().readTree(out.toString()).path("simulated");

        assertThat(Files.readString(page))
                .contains("how many were at most so long", "how busy devices were", "rows by layer and expert")
                .contains("<td>router 0</td>", "class=\"heat\"")
                .doesNotContain("<script", "src=", "href=");
        assertThat(Files.readString(directory.resolve("cdf.csv"))).startsWith("of all,TTFT,ITL,E2E");
        assertThat(Files.readString(directory.resolve("use.csv"))).contains("node 2,");
        assertThat(exact.path("cdf").path("itl")).hasSize(30);
        assertThat(step.path("use").isMissingNode()).isTrue();
        assertThat(step.path("fidelity").asText()).isEqualTo("step");
        assertThat(step.path("requests").asInt()).isEqualTo(40);
        assertThat(step.path("itl_ms").path("mean").asDouble())
                .isCloseTo(
                        exact.path("itl_ms").path("mean").asDouble(),
                        org.assertj.core.data.Percentage.withPercentage(15));
    }

    @Test
    void shouldTakeWhatAFailureCostsFromEpisodesThatItPlayed() throws IOException {
        final Path episodes = directory.resolve("episodes.json");
        assertThat(run(
                        "episodes",
                        "--model",
                        MINI,
                        "--node-class",
                        "cpu",
                        "--nodes",
                        "3",
                        "--routers",
                        "1",
                        "--rate",
                        "20",
                        "--prompt",
                        "8",
                        "--output",
                        "8",
                        "--requests",
                        "20",
                        "--plays",
                        "1",
                        "--kinds",
                        "KILL",
                        "--out",
                        episodes.toString()))
                .as(err.toString())
                .isZero();
        final Path plan = directory.resolve("plan.conf");
        Files.writeString(plan, "plan { failures { from-episodes = \"episodes.json\" } }");

        assertThat(run("availability", plan.toString())).as(err.toString()).isZero();

        assertThat(out.toString()).contains("KILL: longest gap", "1 plays of a killed node");
    }
}
