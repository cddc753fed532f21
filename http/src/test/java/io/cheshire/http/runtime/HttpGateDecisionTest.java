package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.Server;
import com.typesafe.config.ConfigFactory;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.settings.SettingReader;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The table of docs/decisions/0016: for each rule of the gate what its cases get from Netty and Armeria alone, and what
 * with the gate. A newer Netty that does more makes this test fail: then the rule, or the line, may go.
 */
class HttpGateDecisionTest {
    private static final Path PAGE = Path.of("..", "docs", "decisions", "0016-http-gate.md");
    private static final String NOTHING = "nothing";
    private static final int SILENCE_MS = 1_500;
    private static final int CLIENTS = 16;

    private record Rule(String name, List<String> cases, String alone, String gated) {}

    @Test
    void shouldNameEveryCaseOfTheTableOnceWithItsOutcome() throws Exception {
        final Map<String, String> expected = new LinkedHashMap<>();
        for (final Http1CasesTest.Case one : Http1CasesTest.cases()) {
            expected.put(one.id(), one.expected());
        }
        final Map<String, String> named = new LinkedHashMap<>();
        for (final Rule rule : rules()) {
            for (final String id : rule.cases()) {
                assertThat(named.put(id, rule.gated()))
                        .as("%s is named twice", id)
                        .isNull();
            }
        }
        assertThat(named).containsExactlyInAnyOrderEntriesOf(expected);
    }

    @Test
    void shouldSayWhatNettyAndArmeriaDoWithoutTheGate() throws Exception {
        final Map<String, Http1CasesTest.Case> cases =
                Http1CasesTest.cases().stream().collect(Collectors.toMap(Http1CasesTest.Case::id, one -> one));
        final Server alone = alone();
        final CaseReport report = new CaseReport("http1-without-gate.md");
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            alone.start().join();
            final int port = alone.activeLocalPort();
            assertThat(outcome(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "200"))
                    .isEqualTo("200");
            final Map<String, Future<String>> actual = new LinkedHashMap<>();
            for (final Rule rule : rules()) {
                for (final String id : rule.cases()) {
                    final String bytes = cases.get(id).bytes();
                    actual.put(id, clients.submit(() -> outcome(port, bytes, rule.alone())));
                }
            }
            for (final Rule rule : rules()) {
                for (final String id : rule.cases()) {
                    report.add(id, rule.name(), rule.alone(), actual.get(id).get());
                }
            }
        } finally {
            alone.stop().join();
        }
        report.write();
        assertThat(report.failures()).isEmpty();
    }

    /** With our limits, and a service that reads the whole body. */
    private static Server alone() {
        final HttpLimits limits =
                SettingReader.read(ConfigFactory.load(), ApiConfig::from).limits();
        return Server.builder()
                .http(0)
                .http1MaxInitialLineLength(limits.http1().requestLineBytes())
                .http1MaxHeaderSize(limits.http1().headerBytes())
                .maxRequestLength(limits.json().documentBytes())
                .idleTimeoutMillis(limits.timeouts().idleMs())
                .requestTimeoutMillis(0)
                .serviceUnder(
                        "/",
                        (ctx, req) -> HttpResponse.of(req.aggregate()
                                .handle((body, cause) ->
                                        cause == null ? HttpResponse.of(200) : HttpResponse.ofFailure(cause))))
                .build();
    }

    /** As many statuses as {@code alone} has, and whether nothing comes where nothing is said to come. */
    private static String outcome(final int port, final String bytes, final String alone) throws IOException {
        final List<String> outcome = new ArrayList<>();
        try (RawClient client = new RawClient(port)) {
            client.send(bytes);
            for (final String one : alone.split(" ", -1)) {
                if (one.equals(NOTHING)) {
                    client.socket.setSoTimeout(SILENCE_MS);
                }
                final RawClient.Response response = client.read();
                outcome.add(response.isEnd() ? "end" : "" + response.status());
            }
        } catch (final SocketTimeoutException silence) {
            outcome.add(NOTHING);
        }
        return String.join(" ", outcome);
    }

    /** Rows of five cells of which the second names cases. */
    private static List<Rule> rules() throws IOException {
        final List<Rule> rules = new ArrayList<>();
        for (final String line : Files.readAllLines(PAGE)) {
            final String[] cells = line.split("\\|", -1);
            if (cells.length == 7 && cells[2].strip().startsWith("H")) {
                rules.add(new Rule(
                        cells[1].strip(),
                        List.of(cells[2].strip().split(" ", -1)),
                        cells[3].strip(),
                        cells[4].strip()));
            }
        }
        return rules;
    }
}
