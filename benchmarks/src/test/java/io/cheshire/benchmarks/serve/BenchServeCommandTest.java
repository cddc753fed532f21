package io.cheshire.benchmarks.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.benchmarks.serve.FakeServer.Mood;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(30)
class BenchServeCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final FakeServer SERVER = new FakeServer();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    void shouldReportEveryTokenOfAClosedLoop() throws IOException {
        SERVER.script(1, Mood.ANSWER);
        final JsonNode report = json(0, "--clients", "3", "--requests", "9", "--output-tokens", "20", "--warm-up", "1");

        assertThat(report.at("/requests/total").asInt()).isEqualTo(9);
        assertThat(report.at("/requests/ok").asInt()).isEqualTo(9);
        assertThat(report.at("/requests/most_in_flight").asInt()).isEqualTo(3);
        assertThat(report.at("/tokens/in").asInt()).as("as the server counts").isEqualTo(9 * 7);
        assertThat(report.at("/tokens/out").asInt()).isEqualTo(9 * 20);
        assertThat(report.at("/latency_ms/itl/count").asInt()).isEqualTo(9 * 19);
        assertThat(report.at("/latency_ms/tpot/p50").asDouble()).isGreaterThan(0.9);
        assertThat(report.at("/latency_ms/ttft/count").asInt()).isEqualTo(9);
        assertThat(report.at("/goodput/slo_ttft_ms").isNull()).isTrue();
        assertThat(SERVER.bodies).hasSize(10).allSatisfy(body -> {
            assertThat(body.path("prompt")).hasSize(128).allMatch(id -> id.asInt() >= 3 && id.asInt() < 1000);
            assertThat(body.path("ignore_eos").asBoolean()).isTrue();
            assertThat(body.path("max_tokens").asInt()).isEqualTo(20);
            assertThat(body.path("model").asText()).isEqualTo("tiny");
        });
    }

    @Test
    void shouldSendTheSamePromptsForTheSameSeed() throws IOException {
        SERVER.script(0, Mood.ANSWER);
        json(0, "--requests", "2", "--output-tokens", "1", "--shared-prefix", "100");
        json(0, "--requests", "2", "--output-tokens", "1", "--shared-prefix", "100");

        final List<JsonNode> prompts =
                SERVER.bodies.stream().map(body -> body.path("prompt")).toList();
        assertThat(prompts.get(2)).isEqualTo(prompts.get(0));
        assertThat(ids(prompts.get(1)).subList(0, 100))
                .isEqualTo(ids(prompts.get(0)).subList(0, 100));
        assertThat(ids(prompts.get(1)).subList(100, 128))
                .isNotEqualTo(ids(prompts.get(0)).subList(100, 128));
    }

    @Test
    void shouldCountWaitingFromThePlannedArrivalInAnOpenLoop() throws IOException {
        SERVER.script(10, Mood.ANSWER);
        // Each answer takes at least 20 ms, arrivals come every 2 ms and one is served at a time.
        final JsonNode report = json(
                0,
                "--rate",
                "500",
                "--arrival",
                "constant",
                "--requests",
                "20",
                "--output-tokens",
                "1",
                "--max-in-flight",
                "1");

        assertThat(report.at("/requests/ok").asInt()).isEqualTo(20);
        final double sent = report.at("/latency_ms/e2e/p50").asDouble();
        final double planned = report.at("/latency_ms/e2e_corrected/max").asDouble();
        assertThat(planned).as("the last one waited for 19 others").isGreaterThan(19 * 18 - 5);
        assertThat(planned).isGreaterThan(5 * sent);
    }

    @Test
    void shouldLetClientsHangUpMidway() throws IOException {
        SERVER.script(2, Mood.ANSWER);
        final JsonNode report =
                json(0, "--clients", "4", "--requests", "30", "--output-tokens", "40", "--hang-up", "0.33");

        final int left = report.at("/ends_by_kind/hang_up").asInt();
        assertThat(left).as("a third of 30, give or take").isBetween(4, 18);
        assertThat(report.at("/requests/info").asInt()).isEqualTo(left);
        assertThat(report.at("/requests/ok").asInt()).isEqualTo(30 - left);
        assertThat(report.at("/goodput/judged").asInt()).isEqualTo(30 - left);
        assertThat(report.at("/tokens/out").asInt()).isLessThan(30 * 40);
        // Who leaves just before the last token may be gone before the server looks.
        await("the server notices closed connections").until(() -> SERVER.clientsLeft.get() > left / 2);
        assertThat(SERVER.clientsLeft.get()).isLessThanOrEqualTo(left);
    }

    @Test
    void shouldTellErrorsApart() throws IOException {
        SERVER.script(0, Mood.ANSWER, Mood.REFUSE, Mood.CUT_AFTER_12, Mood.ERROR_EVENT, Mood.NONSENSE, Mood.SILENT);
        final JsonNode report = json(0, "--requests", "6", "--output-tokens", "20", "--timeout", "5");

        final JsonNode kinds = report.path("ends_by_kind");
        assertThat(kinds.properties())
                .hasSize(6)
                .allMatch(kind -> kind.getValue().asInt() == 1);
        assertThat(names(kinds))
                .containsExactlyInAnyOrder("ok", "http_429", "cut", "server_error", "malformed", "timeout");
        assertThat(report.at("/requests/ok").asInt()).isEqualTo(1);
        assertThat(report.at("/requests/fail").asInt())
                .as("refused, and ended by the server")
                .isEqualTo(2);
        assertThat(report.at("/requests/info").asInt())
                .as("cut, nonsense, silence")
                .isEqualTo(3);
        assertThat(report.at("/tokens/out").asInt()).isEqualTo(20 + 12 + 1);
        assertThat(report.at("/example_messages/server_error").asText()).isEqualTo("an expert vanished");
    }

    @Test
    void shouldFailWhenNothingWasServed() {
        SERVER.script(0, Mood.REFUSE);
        assertThat(run("--url", SERVER.url(), "--requests", "3")).isEqualTo(1);
        assertThat(err.toString()).contains("Nothing was served").contains("http_429=3");
    }

    @Test
    void shouldNameTheAddressWhenNobodyListens() throws IOException {
        final String url;
        try (ServerSocket free = new ServerSocket(0)) {
            url = "http://127.0.0.1:" + free.getLocalPort();
        }
        assertThat(run("--url", url, "--requests", "3")).isEqualTo(1);
        assertThat(err.toString()).contains(url).contains("Is the server up?");
        assertThat(run("--url", url, "--requests", "3", "--model", "m", "--vocab-size", "100"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("connect=3");
    }

    @Test
    void shouldPrintATableForPeople() {
        SERVER.script(0, Mood.ANSWER);
        assertThat(run("--url", SERVER.url(), "--requests", "2", "--output-tokens", "3", "--slo-ttft-ms", "10000"))
                .isZero();
        assertThat(out.toString())
                .contains("seed=")
                .contains("2 ok, 0 fail, 0 info")
                .contains("time to first token")
                .contains("2 of 2 requests (100.0 %) with TTFT ≤ 10000.0 ms and TPOT ≤ any");
    }

    @Test
    void shouldRefuseOptionsThatContradictEachOther() {
        assertThat(run("--url", "http://127.0.0.1:1", "--clients", "2", "--rate", "3", "--hang-up", "2"))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains("--clients and --rate exclude each other")
                .contains("--hang-up 2.0");
    }

    private JsonNode json(final int status, final String... options) throws IOException {
        out.getBuffer().setLength(0);
        final List<String> all = new ArrayList<>(List.of("--url", SERVER.url(), "--seed", "20", "--json"));
        all.addAll(Arrays.asList(options));
        assertThat(run(all.toArray(String[]::new))).as(() -> err.toString()).isEqualTo(status);
        return JSON.readTree(out.toString());
    }

    private int run(final String... options) {
        return new CommandLine(new BenchServeCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(options);
    }

    private static List<Integer> ids(final JsonNode prompt) {
        final List<Integer> ids = new ArrayList<>();
        prompt.forEach(id -> ids.add(id.asInt()));
        return ids;
    }

    private static List<String> names(final JsonNode object) {
        final List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
