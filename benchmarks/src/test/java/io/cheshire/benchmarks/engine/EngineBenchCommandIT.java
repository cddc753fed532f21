package io.cheshire.benchmarks.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** On the small trained model, with few tokens: are the figures consistent? */
@Timeout(90)
class EngineBenchCommandIT {
    /**
     * Enough that the steps cut at either end of an interval, one at most, are far less than the tenth that figures may
     * lack.
     */
    private static final int GENERATED = 48;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MODEL = Path.of(System.getProperty("cheshire.root"), "models", "cheshire-mini")
            .toString();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldGiveTheSameTokensBothWaysAndBookEveryNanosecondOfEveryThread() throws Exception {
        final int status = run(
                "--model",
                MODEL,
                "--prompt",
                "20",
                "--generate",
                Integer.toString(GENERATED),
                "--batch",
                "1,3",
                "--nodes",
                "4",
                "--repeat",
                "1",
                "--json");

        assertThat(status).as(() -> err.toString()).isZero();
        final JsonNode report = JSON.readTree(out.toString());
        assertThat(report.path("memory_bytes_per_s").asDouble()).isGreaterThan(1e8);
        assertThat(report.path("cases")).hasSize(2);
        for (final JsonNode ofCase : report.path("cases")) {
            assertThat(ofCase.path("transport_decode_ratio").asDouble()).isPositive();
            for (final String mode : new String[] {"transport", "no_transport"}) {
                final JsonNode round = ofCase.path(mode).path("rounds").path(0);
                final int batch = ofCase.path("batch").asInt();
                assertThat(round.path("decode_tokens").asInt()).isGreaterThanOrEqualTo(GENERATED * batch);
                shouldAddUp(round.path("prefill"));
                shouldAddUp(round.path("decode"));
                final JsonNode prefill = round.path("prefill").path("counts");
                assertThat(prefill.path("layer_rows").asInt())
                        .as("every prompt row goes through all 4 layers; sequences through early may decode meanwhile")
                        .isGreaterThanOrEqualTo(4 * 20 * batch);
                assertThat(round.path("decode_step").path("unit_bytes").asDouble())
                        .as("at least two units a layer, three matrices of 192 x 224 in bf16 each")
                        .isGreaterThanOrEqualTo(0.9 * 4 * 2 * 3 * 192 * 224 * 2);
            }
        }
        final JsonNode memory = report.path("memory");
        assertThat(memory.path("unit_bytes").asLong()).isGreaterThanOrEqualTo(64L * 3 * 192 * 224 * 2);
        assertThat(memory.path("kv_bytes").asLong()).isPositive();
    }

    private static void shouldAddUp(final JsonNode interval) {
        assertThat(interval.path("threads")).isNotEmpty();
        for (final JsonNode thread : interval.path("threads")) {
            long sum = 0;
            for (final JsonNode spent : thread.path("spent_ns")) {
                assertThat(spent.asLong()).isNotNegative();
                sum += spent.asLong();
            }
            assertThat(sum).isEqualTo(thread.path("wall_ns").asLong());
        }
        final JsonNode counts = interval.path("counts");
        assertThat(counts.path("unit_rows").asDouble())
                .as("two experts a row, but for rows under way at either end")
                .isCloseTo(2 * counts.path("layer_rows").asDouble(), within(2.0 * 64));
    }

    @Test
    void shouldPrintATableForPeopleWithoutTransport() {
        final int status = run(
                "--model",
                MODEL,
                "--prompt",
                "5",
                "--generate",
                "3",
                "--batch",
                "2",
                "--nodes",
                "16",
                "--repeat",
                "1",
                "--no-transport",
                "--precision",
                "fp32",
                "-Dcheshire.threads=dedicated");

        assertThat(status).as(() -> err.toString()).isZero();
        assertThat(out.toString())
                .contains("2 x 5 tokens, 3 generated")
                .contains("called directly")
                .contains("expert compute")
                .contains("thread router-engine")
                .contains("thread device")
                .doesNotContain("over Aeron");
        assertThat(err.toString()).contains("warm-up").contains("round 1/1");
    }

    @Test
    void shouldRefuseBadOptionsByName() {
        assertThat(run("--model", MODEL, "--prompt", "0", "--batch", "1,-2", "--repeat", "0", "--threads", "9999"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("--prompt is 0")
                .contains("--batch is -2")
                .contains("--repeat is 0")
                .contains("--threads is 9999");
    }

    @Test
    void shouldRefuseSequencesLongerThanTheModel() {
        assertThat(run("--model", MODEL, "--prompt", "500", "--generate", "20")).isEqualTo(2);
        assertThat(err.toString()).contains("--prompt 500").contains("512");
    }

    private int run(final String... options) {
        return new CommandLine(new EngineBenchCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(options);
    }
}
