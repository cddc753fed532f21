package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cheshire.chaos.runtime.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The media driver loses packets of the data plane: Aeron repairs it, and every token is the same. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class LossyNetworkIT {
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final long SEED = Long.getLong("cheshire.seed", 20_261_129L);
    private static final StreamLoad LOAD = new StreamLoad(6, 12, 24, 4000, SEED);
    private static final Pattern LOSS = Pattern.compile(
            "dropped (\\d+) data and (\\d+) control packets on purpose, (\\d+) NAKs, (\\d+) retransmits");
    private static final List<StreamTrace> EXPECTED = new ArrayList<>();

    @BeforeAll
    static void answerWithoutLoss() throws Exception {
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 2, Map.of())) {
            EXPECTED.addAll(LOAD.run(server.api(), List.of()));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.05, 0.2})
    void shouldGiveTheSameTokensWhenPacketsAreLost(final double rate, @TempDir final Path logs) throws Exception {
        assumeTrue(
                rate == 0.05 || Boolean.getBoolean("cheshire.test.long"),
                "takes half a minute more: give -Dcheshire.test.long=true");
        final List<String> flags =
                new ArrayList<>(List.of("--nodes", "2", "--replicas", "1", "--log-dir", logs.toString()));
        flags.addAll(ClusterProcesses.lossy(rate, SEED));
        final ClusterProcesses cluster = ClusterProcesses.start(START_LIMIT, flags);
        try (cluster) {
            assertThat(Comparison.of(LOAD.run(cluster.api(), List.of()), EXPECTED))
                    .isEqualTo(new Comparison(0, 0, ""));
        }
        final Matcher loss = cluster.output().stream()
                .map(LOSS::matcher)
                .filter(Matcher::find)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing was lost: " + cluster.output()));
        System.out.println(rate + ": " + loss.group());
        assertThat(Long.parseLong(loss.group(1))).as("data packets lost").isGreaterThan((long) (rate * 500));
        assertThat(Long.parseLong(loss.group(3))).as("NAKs").isPositive();
        assertThat(Long.parseLong(loss.group(4))).as("retransmits").isPositive();
    }
}
