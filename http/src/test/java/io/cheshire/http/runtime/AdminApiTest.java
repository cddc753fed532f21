package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.model.protocol.ExpertKey;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What operators may ask on the operations listener. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminApiTest {
    private HttpTestServer server;

    @BeforeAll
    void start() {
        server = HttpTestServer.plain();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void forget() {
        server.admin.asked.clear();
        server.admin.away = false;
        server.engine.ready = true;
    }

    @Test
    void shouldSayOnceAndAlikeOnBothListenersWhyItIsNotReady() throws Exception {
        server.engine.ready = false;

        final String said = "{\"status\":\"not ready: experts are missing\"}";
        assertThat(server.get(server.port(), "/ready").body()).isEqualTo(said);
        assertThat(server.get(server.ops.port(), "/ready").body()).isEqualTo(said);
        assertThat(server.server.notReady()).as("for who puts it in words").isEqualTo("experts are missing");
    }

    @Test
    void shouldPassOnWhatAnOperatorAsks() throws Exception {
        assertThat(post("moves", "{'layer':1,'expert':2,'from':3,'to':4,'reason':'hot'}")
                        .statusCode())
                .isEqualTo(202);
        post("replicas", "{'replicas':2}");
        post("rebalance", "{}");
        post("rebalance", "{'dry_run':true}");
        post("drain", "{'node':3}");
        post("drain", "{'node':3,'for_ms':60000}");
        post("undrain", "{'node':3}");
        final HttpResponse<String> down = post("down", "{'node':3,'reason':'exit status 137'}");

        assertThat(server.admin.asked)
                .containsExactly(
                        new OperatorRequest.Move(new ExpertKey(1, 2), 3, 4, "hot"),
                        new OperatorRequest.Replicas(2, ""),
                        new OperatorRequest.RebalanceNow(""),
                        new OperatorRequest.RebalanceTrial(""),
                        new OperatorRequest.Drain(3, ""),
                        new OperatorRequest.DrainFor(3, 60_000, ""),
                        new OperatorRequest.Undrain(3, ""),
                        new OperatorRequest.Down(3, "exit status 137"));
        assertThat(down.body()).isEqualTo("{\"accepted\":true,\"epoch\":7,\"message\":\"will do\"}");
    }

    @Test
    void shouldSayWhyTheCoordinatorRefused() throws Exception {
        final HttpResponse<String> refused = post("moves", "{'layer':9,'expert':2,'from':3,'to':4}");

        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("\"error\"", "no layer 9", "\"refused\"");
    }

    @Test
    void shouldSayThatNoCoordinatorAnswers() throws Exception {
        server.admin.away = true;

        assertThat(post("drain", "{'node':3}").statusCode()).isEqualTo(503);
        assertThat(server.get(server.ops.port(), "/admin/v1/cluster").body()).contains("no_coordinator");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "moves     | {'layer':1,'expert':2,'from':3}                   | 400 | to is missing",
                "moves     | {'layer':-1,'expert':2,'from':3,'to':4}           | 400 | layer is -1",
                "moves     | {'layer':1,'expert':2,'from':3,'to':4,'force':1}  | 400 | Unknown field force",
                "replicas  | {'replicas':1.5}                                  | 400 | must be an integer",
                "replicas  | {'replicas':'2'}                                  | 400 | must be an integer",
                "drain     | {'node':3,'node':4}                               | 400 | not valid JSON",
                "drain     | {'node':3,'for_ms':0}                             | 400 | for_ms is 0",
                "drain     | [3]                                               | 400 | one JSON object",
                "rebalance | {'reason':7}                                      | 400 | must be a string",
                "rebalance | ''                                                | 400 | body is empty"
            })
    void shouldRefuseMalformedRequests(final String what, final String body, final int status, final String words)
            throws Exception {
        final HttpResponse<String> response = post(what, body);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(words);
        assertThat(server.admin.asked).isEmpty();
    }

    @Test
    void shouldRefuseLongBodies() throws Exception {
        assertThat(post("drain", "{'node':3,'reason':'" + "a".repeat(5_000) + "'}")
                        .statusCode())
                .isEqualTo(413);
        assertThat(server.admin.asked).isEmpty();
    }

    @Test
    void shouldNotBeReachableThroughTheApi() throws Exception {
        assertThat(server.post("/admin/v1/cluster/drain", "{\"node\":3}").statusCode())
                .isEqualTo(404);
        assertThat(server.admin.asked).isEmpty();
    }

    private HttpResponse<String> post(final String what, final String body) throws Exception {
        return server.postOps("/admin/v1/cluster/" + what, body.replace('\'', '"'));
    }
}
