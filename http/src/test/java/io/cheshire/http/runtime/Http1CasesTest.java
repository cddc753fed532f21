package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.http.protocol.HttpLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every case of {@code http/http1-cases.txt} with raw bytes against a real server. */
class Http1CasesTest {
    static final HttpLimits.Timeouts SHORT = new HttpLimits.Timeouts(700, 700, 2_000, 700, 20_000, 1_000, 200);

    /** One case of the table; the last word of what is expected says whether the connection stays. */
    record Case(String id, String title, String expected, String bytes) {}

    @Test
    void shouldAnswerEveryFramingCaseAsListed() throws Exception {
        final CaseReport report = new CaseReport("http1-cases.md");
        try (HttpTestServer server =
                new HttpTestServer(config -> config.withLimits(config.limits().withTimeouts(SHORT)), new ByteText())) {
            for (final Case one : cases()) {
                report.add(one.id(), one.title(), one.expected(), actual(server, one));
            }
        }
        report.write();
        assertThat(report.failures()).isEmpty();
    }

    private static String actual(final HttpTestServer server, final Case one) throws IOException {
        final int wanted = (int) one.expected().chars().filter(c -> c == ' ').count();
        final StringBuilder actual = new StringBuilder();
        try (RawClient client = new RawClient(server.port())) {
            client.send(one.bytes());
            for (int i = 0; i < wanted; i++) {
                final RawClient.Response response = client.read();
                if (response.isEnd()) {
                    actual.append("closed ");
                    break;
                }
                actual.append(response.status()).append(' ');
                if (response.status() >= 400 && !response.body().startsWith("{\"error\":{\"message\":")) {
                    actual.append("(not in the error shape) ");
                }
            }
            if (one.expected().endsWith("open")) {
                client.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
                return actual + (client.read().status() == 200 ? "open" : "close");
            }
            return actual + (client.isClosed() ? "close" : "open");
        }
    }

    /** All of them. */
    static List<Case> cases() throws IOException {
        final List<Case> cases = new ArrayList<>();
        String id = "";
        String title = "";
        String expected = "";
        StringBuilder bytes = new StringBuilder();
        for (final String line : text().lines().toList()) {
            if (line.isEmpty() || line.startsWith("# ")) {
                continue;
            }
            if (line.startsWith("== ")) {
                if (!id.isEmpty()) {
                    cases.add(new Case(id, title, expected, bytes.toString()));
                }
                final int space = line.indexOf(' ', 3);
                id = line.substring(3, space);
                title = line.substring(space + 1);
                bytes = new StringBuilder();
            } else if (line.startsWith("expect ")) {
                expected = line.substring(7);
            } else {
                bytes.append(unescaped(line));
            }
        }
        cases.add(new Case(id, title, expected, bytes.toString()));
        return cases;
    }

    private static String text() throws IOException {
        try (InputStream in = Http1CasesTest.class.getResourceAsStream("/http/http1-cases.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String unescaped(final String line) {
        final StringBuilder out = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            final char c = line.charAt(i);
            final int close = c == '{' ? repeatEnd(line, i) : -1;
            if (close > 0) {
                final String inside = line.substring(i + 1, close);
                final int star = inside.lastIndexOf('*');
                out.append(unescaped(inside.substring(0, star)).repeat(Integer.parseInt(inside.substring(star + 1))));
                i = close;
            } else if (c == '\\') {
                i++;
                switch (line.charAt(i)) {
                    case 'r' -> out.append('\r');
                    case 'n' -> out.append('\n');
                    case 't' -> out.append('\t');
                    case '0' -> out.append('\0');
                    case 'x' -> {
                        out.append((char) Integer.parseInt(line.substring(i + 1, i + 3), 16));
                        i += 2;
                    }
                    default -> out.append(line.charAt(i));
                }
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static int repeatEnd(final String line, final int start) {
        final int close = line.indexOf('}', start);
        return close > 0 && line.substring(start + 1, close).matches(".+\\*[0-9]+") ? close : -1;
    }
}
