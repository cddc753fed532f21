package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.stream.StreamMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files have a limit of their own and go to the store as they come. */
class FileUploadTest {
    private static final String BOUNDARY = "----here";
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MIB = 1 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static HttpTestServer server() {
        return new HttpTestServer(config -> config, new ByteText());
    }

    /** A form with parts in this order, each {@code name} or, with content, a file. */
    private static byte[] form(final Consumer<Form> parts) {
        final Form form = new Form();
        parts.accept(form);
        form.bytes.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return form.bytes.toByteArray();
    }

    private static final class Form {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Form field(final String name, final String value) {
            return part("name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
        }

        Form file(final byte[] content) {
            return part("name=\"file\"; filename=\"a.jsonl\"", content);
        }

        private Form part(final String what, final byte[] content) {
            bytes.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; " + what + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            bytes.writeBytes(content);
            bytes.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
            return this;
        }
    }

    private static AggregatedHttpResponse send(
            final HttpTestServer server, final SessionProtocol protocol, final byte[] body, final boolean hasLength) {
        final RequestHeaders headers = RequestHeaders.of(
                HttpMethod.POST,
                "/v1/files",
                HttpHeaderNames.CONTENT_TYPE,
                "multipart/form-data; boundary=" + BOUNDARY);
        final HttpData whole = HttpData.wrap(body);
        return WebClient.builder(protocol.uriText() + "://127.0.0.1:" + server.port())
                .responseTimeout(LIMIT)
                .build()
                .execute(hasLength ? HttpRequest.of(headers, whole) : HttpRequest.of(headers, StreamMessage.of(whole)))
                .aggregate()
                .join();
    }

    private static byte[] lines(final int count, final int bytes) {
        return ("x".repeat(bytes - 1) + "\n").repeat(count).getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(
            value = SessionProtocol.class,
            names = {"H1C", "H2C"})
    void shouldTakeAFileThatIsLargerThanARequestMayBe(final SessionProtocol protocol) throws Exception {
        try (HttpTestServer server = server()) {
            final byte[] content = lines(9, MIB);
            for (final boolean hasLength : new boolean[] {true, false}) {
                final AggregatedHttpResponse response =
                        send(server, protocol, form(form -> form.file(content).field("purpose", "batch")), hasLength);
                assertThat(response.status().code()).as(response.contentUtf8()).isEqualTo(200);
                final JsonNode head = MAPPER.readTree(response.contentUtf8());
                assertThat(head.get("bytes").intValue()).isEqualTo(content.length);
                assertThat(head.get("filename").textValue()).isEqualTo("a.jsonl");
                final HttpResponse<String> kept =
                        server.get(server.port(), "/v1/files/" + head.get("id").textValue() + "/content");
                assertThat(kept.body()).isEqualTo(new String(content, StandardCharsets.UTF_8));
            }
            assertThat(gauge(server, "cheshire.store.entries")).isEqualTo(2);
            assertThat(gauge(server, "cheshire.store.bytes")).isGreaterThan(18.0 * MIB);
        }
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES)
    void shouldBreakOffADownloadWhoseFileIsDeletedMeanwhile() throws Exception {
        try (HttpTestServer server = server();
                HttpClient client = HttpClient.newHttpClient()) {
            // More than buffers on the way hold.
            final byte[] content = lines(24, MIB);
            final AggregatedHttpResponse kept = send(
                    server, SessionProtocol.H1C, form(form -> form.file(content).field("purpose", "batch")), true);
            final URI file = URI.create("http://127.0.0.1:" + server.port() + "/v1/files/"
                    + MAPPER.readTree(kept.contentUtf8()).get("id").textValue());
            final HttpResponse<InputStream> download = client.send(
                    java.net.http.HttpRequest.newBuilder(URI.create(file + "/content"))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = download.body()) {
                assertThat(body.read()).isEqualTo('x');
                client.send(
                        java.net.http.HttpRequest.newBuilder(file).DELETE().build(),
                        HttpResponse.BodyHandlers.discarding());

                assertThatThrownBy(() -> body.transferTo(OutputStream.nullOutputStream()))
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = SessionProtocol.class,
            names = {"H1C", "H2C"})
    void shouldRefuseWhatIsNoFormOrHasNoPlaceAndKeepNothingOfIt(final SessionProtocol protocol) throws Exception {
        try (HttpTestServer server = server()) {
            assertRefused(server, protocol, form(form -> form.file(lines(3, 9))), 400, "purpose");
            assertRefused(server, protocol, form(form -> form.field("purpose", "batch")), 400, "file is needed");
            assertRefused(
                    server,
                    protocol,
                    form(form -> form.field("purpose", "batch").field("expires_after[seconds]", "9")),
                    400,
                    "neither file nor purpose");
            assertRefused(
                    server,
                    protocol,
                    form(form -> form.field("purpose", "batch").file(lines(1, 3 * MIB))),
                    400,
                    "line 1");
            assertRefused(
                    server,
                    protocol,
                    form(form -> form.field("purpose", "batch").file(lines(50_001, 2))),
                    400,
                    "batch-lines");
            assertRefused(server, protocol, "no form at all".getBytes(StandardCharsets.UTF_8), 400, "multipart");
            assertThat(HttpTestServer.json(server.get(server.port(), "/v1/files"))
                            .get("data"))
                    .isEmpty();
            assertThat(gauge(server, "cheshire.store.bytes")).isZero();
        }
    }

    private static double gauge(final HttpTestServer server, final String name) {
        return server.registry.get(name).tag("kind", "file").gauge().value();
    }

    private static void assertRefused(
            final HttpTestServer server,
            final SessionProtocol protocol,
            final byte[] body,
            final int status,
            final String words) {
        final AggregatedHttpResponse response = send(server, protocol, body, true);
        assertThat(response.status().code()).as(response.contentUtf8()).isEqualTo(status);
        assertThat(response.contentUtf8()).contains(words);
    }

    @Test
    void shouldRefuseAFileBeyondItsOwnLimitBeforeItIsSent() throws Exception {
        try (HttpTestServer server = server()) {
            assertThat(announced(server, "/v1/completions", 2L * MIB + 1)).isEqualTo(413);
            assertThat(announced(server, "//v1/files/?a=b", 64L * MIB + 1)).isEqualTo(413);
        }
    }

    private static int announced(final HttpTestServer server, final String target, final long bytes) throws Exception {
        try (RawClient client = new RawClient(server.port())) {
            client.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data;"
                    + " boundary=x\r\nContent-Length: " + bytes + "\r\n\r\n");
            return client.read().status();
        }
    }
}
