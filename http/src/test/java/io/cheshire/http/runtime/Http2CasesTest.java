package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cheshire.http.protocol.HttpLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** HTTP/2: the cases that Netty's own conformance run leaves out, and the floods. */
class Http2CasesTest {
    private static final HttpLimits.Timeouts TIMEOUTS =
            new HttpLimits.Timeouts(3_000, 3_000, 5_000, 3_000, 20_000, 1_000, 200);
    private static final byte[] JSON = "{\"prompt\":\"ab\"}".getBytes(StandardCharsets.UTF_8);
    private static final String REFUSED = "reset or 400 or goaway 1";
    private static final String CALM = "goaway 11";

    private final CaseReport report = new CaseReport("http2-cases.md");

    private interface Script {
        void play(Http2Client client) throws IOException;
    }

    @Test
    void shouldAnswerEveryHttp2CaseAsListed() throws Exception {
        try (HttpTestServer server = new HttpTestServer(
                config -> config.withLimits(config.limits().withTimeouts(TIMEOUTS)), new ByteText())) {
            framing(server);
            headers(server);
            floods(server);
            hpack(server);
            streams(server);
            rapidReset(server);
            provokedReset(server);
        }
        report.write();
        assertThat(report.failures()).isEmpty();
    }

    private void framing(final HttpTestServer s) throws Exception {
        one(s, "good request", "200", c -> open(c, Http2Client.get("/health")));
        one(s, "DATA on an idle stream", "goaway 1", c -> c.frame(Http2Client.DATA, 0, 1, JSON));
        one(s, "HEADERS on a half-closed stream", "goaway 5 or reset", c -> {
            open(c, postHeaders("15"));
            open(c, postHeaders("15"));
        });
        one(s, "lower stream id", "goaway 1 or goaway 5 or 200", c -> {
            c.frame(Http2Client.HEADERS, 5, 5, Http2Client.get("/health"));
            c.frame(Http2Client.HEADERS, 5, 3, Http2Client.get("/health"));
        });
        one(s, "even stream id", "goaway 1", c -> c.frame(Http2Client.HEADERS, 5, 2, Http2Client.get("/health")));
        one(s, "content-length above DATA", REFUSED, c -> post(c, "20"));
        one(s, "content-length below DATA", REFUSED, c -> post(c, "5"));
        one(
                s,
                "window overflow",
                "goaway 3",
                c -> c.frame(
                        Http2Client.WINDOW_UPDATE, 0, 0, new byte[] {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff}));
        one(s, "window update of 0", "goaway 1", c -> c.frame(Http2Client.WINDOW_UPDATE, 0, 0, new byte[4]));
        one(s, "frame above the size limit", "goaway 6", c -> c.frame(Http2Client.PING, 0, 0, new byte[16_385]));
        one(s, "HPACK index out of range", "goaway 9", c -> open(c, new byte[] {(byte) 0xff, 0x7f}));
        one(s, "HPACK size update at the end", "goaway 9", c -> open(c, join(Http2Client.get("/health"), (byte) 0x20)));
    }

    private void headers(final HttpTestServer s) throws Exception {
        extra(s, "connection-specific header", "connection", "keep-alive");
        extra(s, "TE other than trailers", "te", "gzip");
        // RFC 9113 calls for a reset. Armeria lower-cases names as it decodes them; nothing is forwarded, so nothing
        // differs.
        one(
                s,
                "upper-case name (is lower-cased)",
                "200",
                c -> open(c, join(Http2Client.get("/health"), Http2Client.headers("X-Up", "1"))));
        extra(s, "unknown pseudo-header", ":x", "1");
        extra(s, "two :method", ":method", "GET");
        extra(s, "two :scheme", ":scheme", "http");
        extra(s, "two :path", ":path", "/health");
        extra(s, "two :authority", ":authority", "a");
        extra(s, "CR LF in a value", "x", "a\r\nb: c");
        only(s, "pseudo-header after a header", ":method", "GET", "x", "y", ":scheme", "http", ":path", "/health");
        only(s, "no :method", ":scheme", "http", ":path", "/health", ":authority", "a");
        only(s, "no :scheme", ":method", "GET", ":path", "/health", ":authority", "a");
        only(s, "no :path", ":method", "GET", ":scheme", "http", ":authority", "a");
        only(s, "empty :path", ":method", "GET", ":scheme", "http", ":path", "", ":authority", "a");
        one(
                s,
                "headers above the list limit",
                "other status or reset or goaway 1 or goaway 11",
                c -> open(c, join(Http2Client.get("/health"), Http2Client.headers("x", "a".repeat(9000)))));
    }

    /** A few bytes that stand for many: each 0xbe is the header that was put into the table. */
    private void hpack(final HttpTestServer s) throws Exception {
        final byte[] bomb = join(
                join(Http2Client.get("/health"), Http2Client.indexedHeader("x", "a".repeat(3_000))),
                repeated(0xbe, 12_000));
        final String tooLarge = "other status or reset or goaway 1 or goaway 9 or goaway 11";
        one(s, "HPACK bomb: 15 KiB that stand for 36 MB", tooLarge, c -> open(c, bomb));
        one(s, "HPACK bomb over 40 CONTINUATIONs", tooLarge, c -> {
            c.frame(Http2Client.HEADERS, Http2Client.END_STREAM, 1, bomb);
            for (int i = 0; i < 40; i++) {
                c.frame(Http2Client.CONTINUATION, 0, 1, repeated(0xbe, 16_000));
            }
            c.frame(Http2Client.CONTINUATION, Http2Client.END_HEADERS, 1);
        });
        one(s, "HPACK bomb, 50 streams of one connection", tooLarge, c -> {
            for (int stream = 1; stream < 100; stream += 2) {
                c.frame(Http2Client.HEADERS, Http2Client.END_HEADERS | Http2Client.END_STREAM, stream, bomb);
            }
        });
        one(
                s,
                "HPACK table larger than agreed",
                "goaway 9",
                c -> open(c, join(new byte[] {0x3f, (byte) 0xe1, (byte) 0xff, 3}, Http2Client.get("/health"))));
        one(
                s,
                "HPACK table resized 10,000 times in one block",
                "goaway 9 or 200",
                c -> open(c, join(repeated(0x20, 10_000), Http2Client.get("/health"))));
        one(
                s,
                "HPACK string longer than its frame",
                "goaway 9",
                c -> open(c, new byte[] {0, 0x7f, (byte) 0xff, (byte) 0xff, 3, 'a'}));
        one(s, "HPACK integer without an end", "goaway 9", c -> open(c, repeated(0xff, 64)));
        one(s, "good request after the bombs", "200", c -> open(c, Http2Client.get("/health")));
    }

    private void streams(final HttpTestServer s) throws Exception {
        one(s, "one open stream more than the limit", "reset", c -> {
            for (int stream = 1; stream <= 201; stream += 2) {
                c.frame(Http2Client.HEADERS, Http2Client.END_HEADERS, stream, postHeaders("15"));
            }
        });
        one(
                s,
                "highest stream id",
                "200",
                c -> c.frame(Http2Client.HEADERS, 5, Integer.MAX_VALUE, Http2Client.get("/health")));
    }

    private static byte[] repeated(final int value, final int count) {
        final byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private void floods(final HttpTestServer s) throws Exception {
        one(s, "2,000 PINGs", CALM, c -> c.flood(2_000, Http2Client.PING, 0, new byte[8]));
        one(s, "2,000 SETTINGS", CALM, c -> c.flood(2_000, Http2Client.SETTINGS, 0));
        one(s, "2,000 PRIORITYs", CALM, c -> c.flood(2_000, Http2Client.PRIORITY, 1, new byte[] {0, 0, 0, 3, 1}));
        one(
                s,
                "30,000 WINDOW_UPDATEs",
                CALM,
                c -> c.flood(30_000, Http2Client.WINDOW_UPDATE, 0, new byte[] {0, 0, 0, 1}));
        one(s, "2,000 unknown frames", CALM, c -> c.flood(2_000, 0x77, 0));
        one(s, "2,000 empty DATA", CALM, c -> {
            c.frame(Http2Client.HEADERS, Http2Client.END_HEADERS, 1, postHeaders("15"));
            c.flood(2_000, Http2Client.DATA, 1);
        });
        one(s, "2,000 empty CONTINUATIONs", CALM, c -> {
            c.frame(Http2Client.HEADERS, 0, 1, Http2Client.get("/health"));
            c.flood(2_000, Http2Client.CONTINUATION, 1);
        });
        try (Http2Client tiny = new Http2Client(s.port(), new byte[] {0, 6, 0, 0, 0, 1})) {
            report.add("T2", "SETTINGS_MAX_HEADER_LIST_SIZE = 1", CALM, tiny.outcome());
        }
        try (RawClient half = new RawClient(s.port())) {
            half.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
            final boolean isRefused = half.read().status() >= 400;
            report.add("T2", "broken preface is refused", "true", "" + isRefused);
        }
    }

    /** Each stream asks for real work; all of it must be gone afterwards. */
    private void rapidReset(final HttpTestServer s) throws Exception {
        s.engine.permits = new Semaphore(0);
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int stream = 1; stream < 2_000; stream += 2) {
            out.writeBytes(Http2Client.bytes(
                    Http2Client.HEADERS, Http2Client.END_HEADERS, stream, headersOf("/v1/completions", "15")));
            out.writeBytes(Http2Client.bytes(Http2Client.DATA, Http2Client.END_STREAM, stream, JSON));
            out.writeBytes(Http2Client.bytes(Http2Client.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
        }
        try (Http2Client client = new Http2Client(s.port())) {
            client.send(out.toByteArray());
            report.add("T2", "rapid reset of 1,000 streams", CALM, client.outcome());
        }
        await("the reset requests' sequences to be gone")
                .until(() -> s.engine.running.get() == 0 && s.server.runningRequests() == 0);
        report.add("T2", "sequences left after rapid reset", "0", Integer.toString(s.engine.running.get()));
    }

    /** Each window update is an error for which the server itself must reset the stream. */
    private void provokedReset(final HttpTestServer s) throws Exception {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int stream = 1; stream < 2_000; stream += 2) {
            out.writeBytes(Http2Client.bytes(Http2Client.HEADERS, Http2Client.END_HEADERS, stream, postHeaders("15")));
            out.writeBytes(Http2Client.bytes(Http2Client.WINDOW_UPDATE, 0, stream, new byte[4]));
        }
        try (Http2Client client = new Http2Client(s.port())) {
            client.send(out.toByteArray());
            report.add("T2", "1,000 resets that the client provokes", CALM, client.outcomeAfterResets());
        }
        await("the connection to be gone").until(() -> s.server.connections() == 0);
    }

    private void extra(final HttpTestServer s, final String title, final String name, final String value)
            throws Exception {
        one(s, title, REFUSED, c -> open(c, join(Http2Client.get("/health"), Http2Client.headers(name, value))));
    }

    private void only(final HttpTestServer s, final String title, final String... namesAndValues) throws Exception {
        one(s, title, REFUSED, c -> open(c, Http2Client.headers(namesAndValues)));
    }

    /** {@code expected} may list several outcomes, since the specification leaves a choice. */
    private void one(final HttpTestServer s, final String title, final String expected, final Script script)
            throws Exception {
        try (Http2Client client = new Http2Client(s.port())) {
            script.play(client);
            final String actual = client.outcome();
            final boolean isListed = (" or " + expected + " or ").contains(" or " + actual + " or ");
            report.add("T2", title, isListed ? actual : expected, actual);
        }
    }

    private static void open(final Http2Client client, final byte[] headers) throws IOException {
        client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS | Http2Client.END_STREAM, 1, headers);
    }

    private static void post(final Http2Client client, final String length) throws IOException {
        client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS, 1, postHeaders(length));
        client.frame(Http2Client.DATA, Http2Client.END_STREAM, 1, JSON);
    }

    private static byte[] postHeaders(final String length) {
        return headersOf("/tokenize", length);
    }

    private static byte[] headersOf(final String path, final String length) {
        final byte[] start = Http2Client.headers(":method", "POST", ":scheme", "http", ":path", path);
        return join(
                start,
                Http2Client.headers(":authority", "a", "content-type", "application/json", "content-length", length));
    }

    private static byte[] join(final byte[] first, final byte... second) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(first);
        out.writeBytes(second);
        return out.toByteArray();
    }
}
