package io.cheshire.benchmarks.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BalanceCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldShowTheBalancersSideBySide() throws IOException {
        final Path loads = skewed();
        assertThat(run("--loads", loads.toString(), "--nodes", "8", "--slots", "2", "--json"))
                .isZero();
        final JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.at("/balancers/0/hottest_sum").asDouble()).isEqualTo(600);
        assertThat(json.at("/balancers/1/hottest_sum").asDouble()).isCloseTo(232, within(1e-3));
        assertThat(json.at("/balancers/2/hottest_sum").asDouble()).isCloseTo(196.667, within(1e-3));
        assertThat(json.at("/balancers/2/balancer").asText()).isEqualTo("cheshire");
        assertThat(json.at("/balancers/2/out_of_sample").isMissingNode()).isTrue();
    }

    @Test
    void shouldPrintATableForPeople() throws IOException {
        assertThat(run("--loads", skewed().toString(), "--nodes", "8", "--balancer", "cheshire"))
                .isZero();
        assertThat(out.toString())
                .contains("home", "cheshire", "196.6667", "none")
                .doesNotContain("eplb");
    }

    @Test
    void shouldSayWhatIsWrong() throws IOException {
        assertThat(run("--loads", folder.resolve("none").toString())).isEqualTo(1);
        assertThat(err.toString()).contains("no readable file");
        assertThat(run("--loads", skewed().toString(), "--nodes", "3", "--slots", "2"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("8 experts");
        final Path broken = Files.writeString(folder.resolve("broken.csv"), "window,layer,e0\na,0,x\n");
        assertThat(run("--loads", broken.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("broken.csv, line 2");
    }

    @Test
    void shouldReadARecordedTraceAndJudgeOnTheNextWindow() throws URISyntaxException {
        assertThat(run("--loads", recorded(), "--window", "64", "--slots", "2")).isZero();
        assertThat(out.toString()).contains("30 windows, 4 layers x 16 experts", "gain per GB");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void shouldBeatEplbAndHomeOnTheNextWindowWhenTheWorkloadShifts() throws Exception {
        run("--loads", recorded(), "--window", "160", "--slots", "2", "--json");
        final JsonNode json = new ObjectMapper().readTree(out.toString());
        final double home = json.at("/balancers/0/out_of_sample").asDouble();
        final double eplb = json.at("/balancers/1/out_of_sample").asDouble();
        final double predicted = json.at("/balancers/3/out_of_sample").asDouble();
        assertThat(json.at("/balancers/3/balancer").asText()).isEqualTo("predicted");
        assertThat(predicted).isGreaterThan(eplb).isGreaterThan(home);
        assertThat(json.at("/balancers/2/bytes_moved").asLong())
                .isEqualTo(json.at("/balancers/2/units_loaded").asLong() * 157_286_400)
                .isLessThan(json.at("/balancers/1/bytes_moved").asLong());
    }

    @Test
    void shouldSayWhatATraceLacks() throws IOException {
        final Path cut = Files.writeString(folder.resolve("cut.csv"), """
                # cheshire routing trace 1
                # model f00d layers 1 experts 2
                step,layer,e0,e1
                2,0,1,3
                4,0,2,2
                6,0,2,2
                """);
        assertThat(run("--loads", cut.toString(), "--window", "2", "--nodes", "2"))
                .isZero();
        assertThat(err.toString()).contains("has no end").contains("the last 1 steps");
        assertThat(run("--loads", cut.toString(), "--window", "9")).isEqualTo(1);
        assertThat(err.toString()).contains("--window");
    }

    /** Recorded by scripts/record-workload-shift.sh: 640 steps each of prose, arithmetic and code. */
    private static String recorded() throws URISyntaxException {
        final URL trace = Objects.requireNonNull(BalanceCommandTest.class.getResource("/traces/workload-shift.csv"));
        return Path.of(trace.toURI()).toString();
    }

    private Path skewed() throws IOException {
        return Files.writeString(
                folder.resolve("skewed.csv"),
                "window,layer,e0,e1,e2,e3,e4,e5,e6,e7\na,0,600,560,120,120,20,10,10,10\n");
    }

    private int run(final String... options) {
        return new CommandLine(new BalanceCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(options);
    }
}
