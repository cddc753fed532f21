package io.cheshire.planner.runtime.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.planner.testing.PlannerSamples;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PlanReplayCommandTest {
    private static final String HEADER =
            "index,arrival_s,sent_s,prompt_tokens,asked_tokens,output_tokens," + "first_token_s,end_s,kind,gaps_us\n";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String requests, final String... more) throws IOException {
        final Path calibration = directory.resolve("calibration.json");
        CalibrationStore.write(PlannerSamples.calibration(2), calibration);
        final Path trace = Files.writeString(directory.resolve("requests.csv"), HEADER + requests);
        final CommandLine command = new CommandLine(new PlanReplayCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err));
        final String[] usual = {
            "--trace=" + trace, "--calibration=" + calibration, "--nodes=2", "--kv-blocks=1000", "--json"
        };
        final String[] all = new String[usual.length + more.length];
        System.arraycopy(usual, 0, all, 0, usual.length);
        System.arraycopy(more, 0, all, usual.length, more.length);
        return command.execute(all);
    }

    @Test
    void shouldShowMeasuredAndPredictedOfTheSameRequests() throws IOException {
        final int status = run("""
                0,0.0,0.0,10,5,5,0.003,0.011,ok,2000 2000 2000 2000
                1,0.1,0.1,20,3,3,0.104,0.108,ok,2000 2000
                """);

        assertThat(err.toString()).isEmpty();
        assertThat(status).isZero();
        final JsonNode report = JsonMapper.builder().build().readTree(out.toString());
        assertThat(report.path("requests").intValue()).isEqualTo(2);
        assertThat(report.path("pairs").path(0).path("error").path("pairs").intValue())
                .isEqualTo(2);
        assertThat(report.path("figures").toString()).contains("tokens a second", "itl p99, ms");
        assertThat(report.path("assumptions").toString()).contains("routing is assumed: uniform");
    }

    @Test
    void shouldGiveTheSameBytesForTheSameSeed() throws IOException {
        final String request = "0,0.0,0.0,10,5,5,0.003,0.011,ok,2000 2000 2000 2000\n";
        run(request, "--seed=7");
        final String first = out.toString();
        out.getBuffer().setLength(0);
        run(request, "--seed=7");

        assertThat(out.toString()).isEqualTo(first);
    }

    @Test
    void shouldNameTheLineThatIsNoRequest() throws IOException {
        final int status = run("0,now,0.0,10,5,5,0.003,0.011,ok,\n");

        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).contains("requests.csv, line 2", "bench serve --request-file");
    }
}
