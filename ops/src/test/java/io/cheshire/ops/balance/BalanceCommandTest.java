package io.cheshire.ops.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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
