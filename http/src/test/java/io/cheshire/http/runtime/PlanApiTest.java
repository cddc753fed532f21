package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.cheshire.http.runtime.console.PlanAsk;
import io.cheshire.http.runtime.console.PlanDesk;
import io.cheshire.http.runtime.console.PlanDeskRefused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A planner over HTTP: what may be asked of it, and how much at a time. */
class PlanApiTest {
    private final Desk desk = new Desk();
    private HttpTestServer server;

    @BeforeEach
    void start() {
        server = HttpTestServer.plain();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Says what it was asked. */
    private static final class Desk implements PlanDesk {
        private final CyclicBarrier both = new CyclicBarrier(3);
        private final CountDownLatch go = new CountDownLatch(1);
        private volatile boolean closed;

        @Override
        public JsonNode catalogue() {
            return JsonNodeFactory.instance.objectNode().put("available", true);
        }

        @Override
        public JsonNode screen(final PlanAsk ask) {
            if (ask.words().containsKey("failures")) {
                throw new PlanDeskRefused("failures is " + ask.words().get("failures") + "; name another");
            }
            return JsonNodeFactory.instance.objectNode().put("asked", ask.toString());
        }

        @Override
        public JsonNode search(final PlanAsk ask) {
            try {
                both.await();
                go.await();
            } catch (final InterruptedException | java.util.concurrent.BrokenBarrierException stopped) {
                Thread.currentThread().interrupt();
            }
            return JsonNodeFactory.instance.objectNode();
        }

        @Override
        public JsonNode trace(final String name, final String text) {
            return JsonNodeFactory.instance.objectNode().put("asked", name + ": " + text);
        }

        @Override
        public JsonNode simulate(final PlanAsk ask) {
            return screen(ask);
        }

        @Override
        public String emit(final PlanAsk ask, final String target) {
            return target + ": " + ask.counts();
        }

        @Override
        public JsonNode actual() {
            return JsonNodeFactory.instance.objectNode().put("inForce", false);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private HttpRequest request(final String what, final String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.ops.port() + "/admin/v1/plan/" + what))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> post(final String what, final String body) throws Exception {
        return server.client.send(request(what, body), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void shouldHandOnWhatTheFormHas() throws Exception {
        server.console.open(desk);
        final HttpResponse<String> answer =
                post("screen", "{\"rate\":20,\"nodes\":[8,16],\"nodeClass\":\"h200\",\"peak\":null}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("rate=20.0", "nodes=[8, 16]", "nodeClass=h200");
        assertThat(post("emit", "{\"nodes\":[4],\"target\":\"helm\"}").body())
                .isEqualTo("{\"text\":\"helm: {nodes=[4]}\"}");
        assertThat(server.get(server.ops.port(), "/admin/v1/plan").body())
                .startsWith("{\"available\":true,\"traceLimits\":{\"bytes\":8388608,\"lines\":200000,");
    }

    @Test
    void shouldHandOnAnUploadedTraceAsTextOrPacked() throws Exception {
        server.console.open(desk);
        assertThat(post("trace", "{\"name\":\"a (1).csv\",\"text\":\"a,b\\n1,2\\n\"}")
                        .body())
                .isEqualTo("{\"asked\":\"a (1).csv: a,b\\n1,2\\n\"}");
        assertThat(post("trace", "{\"name\":\"a\",\"gzip\":\"" + packed("line\n".repeat(3)) + "\"}")
                        .body())
                .isEqualTo("{\"asked\":\"a: line\\nline\\nline\\n\"}");
        final String id = "0123456789abcdef";
        assertThat(post("screen", "{\"trace\":\"" + id + "\"}").body()).contains("trace=" + id);
        assertThat(post("simulate", "{\"rate\":2}").body()).contains("rate=2.0");
    }

    @Test
    void shouldNameTheLimitThatATracePassesAndTheRemedy() throws Exception {
        server.console.open(desk);
        final HttpResponse<String> lines =
                post("trace", "{\"name\":\"a\",\"gzip\":\"" + packed("\n1".repeat(200_000)) + "\"}");
        assertThat(lines.statusCode()).isEqualTo(413);
        assertThat(lines.body()).contains("a has 200001 lines; the limit is 200000", "--trace FILE");
        // Some kilobytes that become more than is ever unpacked.
        final HttpResponse<String> bytes =
                post("trace", "{\"name\":\"a\",\"gzip\":\"" + packed("1".repeat(9 << 20)) + "\"}");
        assertThat(bytes.statusCode()).isEqualTo(413);
        assertThat(bytes.body()).contains("more than 8388608 bytes", "--trace FILE");
        for (final String body : List.of(
                "{\"name\":\"a\"}",
                "{\"name\":\"a\",\"text\":\"b\",\"gzip\":\"c\"}",
                "{\"name\":\"a\",\"text\":\" \"}",
                "{\"name\":\"a\",\"gzip\":\"no base64\"}",
                "{\"name\":\"a\",\"gzip\":\"AAAA\"}",
                "{\"name\":\"../a\",\"text\":\"b\"}",
                "{\"name\":\"a\\nb\",\"text\":\"b\"}",
                "{\"text\":\"b\"}",
                "{\"name\":\"a\",\"text\":\"b\",\"file\":\"c\"}")) {
            assertThat(post("trace", body).statusCode()).as(body).isEqualTo(400);
        }
    }

    private static String packed(final String text) throws IOException {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    @Test
    void shouldRefuseWhatIsNoFigureOfAFormOrCouldNameAFile() throws Exception {
        server.console.open(desk);
        for (final String body : List.of(
                "{\"rate\":-1}",
                "{\"rate\":\"20/s\"}",
                "{\"nodes\":16}",
                "{\"nodes\":[]}",
                "{\"nodes\":[65]}",
                "{\"nodes\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}",
                "{\"nodeClass\":\"../../etc/passwd\"}",
                "{\"nodeClass\":\"/etc/passwd\"}",
                "{\"nodeClass\":\"${HOME}\"}",
                "{\"trace\":\"azure.csv\"}",
                "{\"model\":\"m\"}",
                "[]",
                "")) {
            assertThat(post("screen", body).statusCode()).as(body).isEqualTo(400);
        }
        assertThat(post("emit", "{}").body()).contains("target is missing");
        assertThat(post("screen", "{\"rate\":" + " ".repeat(9 << 10) + "1}").statusCode())
                .isEqualTo(413);
        final HttpResponse<String> refused = post("screen", "{\"failures\":\"many\"}");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("failures is many; name another");
    }

    @Test
    void shouldComputeTwoPlansAtATimeAndTellTheThirdToComeAgain() throws Exception {
        server.console.open(desk);
        final List<CompletableFuture<HttpResponse<String>>> two = List.of(
                server.client.sendAsync(request("search", "{}"), HttpResponse.BodyHandlers.ofString()),
                server.client.sendAsync(request("search", "{}"), HttpResponse.BodyHandlers.ofString()));
        desk.both.await();

        final HttpResponse<String> third = post("screen", "{}");
        assertThat(third.statusCode()).isEqualTo(503);
        assertThat(third.body()).contains("\"busy\"", "try again");
        desk.go.countDown();
        two.forEach(each -> assertThat(each.join().statusCode()).isEqualTo(200));
    }

    @Test
    void shouldSayThatABuildHasNoPlannerAndCloseTheOneThatThereIs() throws Exception {
        assertThat(server.get(server.ops.port(), "/admin/v1/plan").body()).isEqualTo("{\"available\":false}");
        assertThat(post("screen", "{}").body()).contains("no_planner", "./cheshire plan");
        server.console.open(desk);
        server.close();
        server = HttpTestServer.plain();
        assertThat(desk.closed).isTrue();
    }
}
