package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.ops.runtime.Settings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a process tells those who operate it, from before it has done anything. */
class OperationsTest {
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        client.close();
    }

    @Test
    void shouldSayThatItStartsThenWhyItIsNotReadyThenThatItStops() throws Exception {
        try (Operations operations = open("expert-node", 3)) {
            assertThat(get(operations, "/health").statusCode()).isEqualTo(200);
            assertThat(get(operations, "/ready").statusCode()).isEqualTo(503);
            assertThat(status(operations)).isEqualTo("not ready: it is starting");

            final AtomicReference<String> why = new AtomicReference<>("2 units are yet to be loaded");
            operations.readyWhen(why::get);
            assertThat(status(operations)).isEqualTo("not ready: 2 units are yet to be loaded");
            why.set(null);
            assertThat(get(operations, "/ready").statusCode()).isEqualTo(200);

            stopping.set(true);
            assertThat(get(operations, "/ready").statusCode()).isEqualTo(503);
            assertThat(status(operations)).isEqualTo("draining");
            assertThat(get(operations, "/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void shouldSayWhatItIsAndWhatWasAdded() throws Exception {
        try (Operations operations = open("expert-node", 3)) {
            operations.shows("node", () -> Map.of("state", "LOADING"));

            final JsonNode self = new ObjectMapper()
                    .readTree(get(operations, "/admin/v1/self").body());

            assertThat(self.get("role").asText()).isEqualTo("expert-node");
            assertThat(self.get("id").asInt()).isEqualTo(3);
            assertThat(self.get("pid").asLong())
                    .isEqualTo(ProcessHandle.current().pid());
            assertThat(self.get("ready").asBoolean()).isFalse();
            assertThat(self.get("notReadyBecause").asText()).isEqualTo("not ready: it is starting");
            assertThat(self.at("/listeners/operations").asText()).isEqualTo(operations.url());
            assertThat(self.at("/node/state").asText()).isEqualTo("LOADING");
            assertThat(self.get("version").asText()).isNotEmpty();
            assertThat(self.get("commit").asText()).isNotEmpty();
            assertThat(self.get("host").asText()).isNotEmpty();
        }
    }

    @Test
    void shouldHaveTheClusterInARouterOnlyAndSayThatNobodyAnswersYet() throws Exception {
        try (Operations router = open("router", 0);
                Operations coordinator = open("coordinator", -1)) {
            assertThat(get(router, "/admin/v1/cluster").statusCode()).isEqualTo(503);
            assertThat(get(router, "/admin/v1/cluster").body()).contains("no_coordinator");
            assertThat(get(coordinator, "/admin/v1/cluster").statusCode()).isEqualTo(404);
            assertThat(get(coordinator, "/admin/v1/self").body()).doesNotContain("\"id\"");
        }
    }

    @Test
    void shouldShowFiguresOfMembersThatComeAndGoAndWhatItWasBuiltFrom() throws Exception {
        try (Operations operations = open("router", 0)) {
            final AtomicReference<List<Integer>> nodes = new AtomicReference<>(List.of(0, 4095));
            operations
                    .figures()
                    .gauge(
                            "cheshire_test_open_rows",
                            "Rows",
                            List.of("node"),
                            rows -> nodes.get().forEach(node -> rows.add(node + 0.5, Integer.toString(node))));
            operations
                    .figures()
                    .counter("cheshire_test_rows", "Rows", List.of("node", "kind"), rows -> rows.add(7, "3", "a"));

            assertThat(get(operations, "/metrics").body())
                    .contains(
                            "cheshire_test_open_rows{node=\"0\"} 0.5",
                            "cheshire_test_open_rows{node=\"4095\"} 4095.5",
                            "cheshire_test_rows_total{kind=\"a\",node=\"3\"} 7.0",
                            "cheshire_build_info{",
                            "role=\"router\"",
                            "process_start_time_seconds");
            nodes.set(List.of());
            assertThat(get(operations, "/metrics").body()).doesNotContain("cheshire_test_open_rows{");
        }
    }

    private Operations open(final String role, final int id) {
        final ProcessConfig config =
                Settings.load(null, Map.of(OpsConfig.PORT, 0)).read(ProcessConfig::launcher);
        return Operations.open(role, id, config, stopping::get);
    }

    private String status(final Operations operations) throws Exception {
        return new ObjectMapper()
                .readTree(get(operations, "/ready").body())
                .get("status")
                .asText();
    }

    private HttpResponse<String> get(final Operations operations, final String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(operations.url() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
