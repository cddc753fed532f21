package io.cheshire.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The chart's start lines, run from the image's files: what an installation on a laptop does, without Kubernetes. */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
@EnabledIfSystemProperty(
        named = "cheshire.chart.start-lines",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.chart.start-lines=true")
final class StartLinesIT {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int MAX_RESTARTS = 5;
    private static final String NODE = "c-cheshire-node-1";

    @TempDir
    private static Path directory;

    private static Pods pods;
    private static JsonClient api;
    private static int restarts;

    @BeforeAll
    static void startPods() throws IOException {
        System.out.println(
                ImageProcess.hasOwnRoot()
                        ? "each process has a read-only root of its own and user 65532"
                        : "not root: neither the read-only root nor user 65532 is shown");
        pods = new Pods(directory);
        api = pods.api();
        for (final String pod : Pods.names()) {
            pods.start(pod);
        }
    }

    @AfterAll
    static void stopPods() {
        api.close();
        pods.close();
    }

    @BeforeEach
    void awaitAll() {
        for (final String pod : Pods.names()) {
            awaited(pod + " is ready", () -> pods.isReady(pod));
        }
    }

    @Test
    void shouldAnswerAChatRequest() throws IOException, InterruptedException {
        assertThat(answer()).contains("42");
    }

    @Test
    void shouldGoOnWithoutANodeThatWasKilledAndTakeItBack() throws IOException, InterruptedException {
        pods.kill(NODE);
        assertThat(answer()).contains("42");

        pods.start(NODE);
        awaited("it is ready again", () -> pods.isReady(NODE));
        assertThat(answer()).contains("42");
    }

    @Test
    void shouldLoseAndAlterNoTokenWhenNodesAreReplacedOneByOne() throws IOException, InterruptedException {
        try (StreamsOfTokens streams = new StreamsOfTokens(api)) {
            final long startNs = System.nanoTime();
            streams.begin();
            for (final String node : Pods.nodes()) {
                assertThat(pods.stop(node)).as("%s", pods.log(node)).isZero();
                pods.start(node);
                awaited(node + " is ready again", () -> pods.isReady(node));
            }
            final int during = streams.done();
            final List<String> wrong = streams.end();

            System.out.printf(
                    "both nodes replaced in %.1f s, under %d streams%n",
                    (System.nanoTime() - startNs) / 1e9, streams.done());
            assertThat(wrong).isEmpty();
            assertThat(during).as("streams that ended meanwhile").isPositive();
        }
    }

    /** As Kubernetes does, starts anew what has ended; a host with too much to do makes a process give up its start. */
    private static void awaited(final String what, final Callable<Boolean> condition) {
        await(what).atMost(LIMIT).pollInterval(Duration.ofMillis(200)).until(() -> {
            for (final String pod : Pods.names()) {
                if (!pods.isAlive(pod)) {
                    assertThat(++restarts).as("%s: %s", pod, pods.log(pod)).isLessThan(MAX_RESTARTS);
                    pods.start(pod);
                }
            }
            return condition.call();
        });
    }

    private static String answer() throws IOException, InterruptedException {
        return api.post(
                        "/v1/chat/completions",
                        Map.of(
                                "model",
                                "cheshire-mini",
                                "temperature",
                                0,
                                "max_tokens",
                                40,
                                "messages",
                                List.of(Map.of("role", "user", "content", "What is 17 + 25?"))))
                .ok()
                .at("/choices/0/message/content")
                .asText();
    }
}
