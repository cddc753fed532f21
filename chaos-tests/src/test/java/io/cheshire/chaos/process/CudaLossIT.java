package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.model.testing.EmulatedCuda;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One of two nodes' GPUs is lost under load; both hold every unit. No answer changes, none fails, and the node comes
 * back once its GPU has passed its test. The GPUs are emulated.
 */
@Timeout(value = 12, unit = TimeUnit.MINUTES)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.test.long=true")
class CudaLossIT {
    private static final int NODES = 2;
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int STREAMS = 40;
    private static final int TOKENS = 8;
    private static final int MAX_ROUNDS = 40;
    private static final List<Integer> PROMPT = List.of(4090, 748, 437, 665, 337, 259, 324);

    @TempDir
    private Path folder;

    /** The 700th launch is in the midst of requests: 64 units are loaded with five each. */
    @ParameterizedTest
    @ValueSource(strings = {"launch=700:719", "hang=700"})
    void shouldAlterNoAnswerWhenAGpuIsLost(final String fault) throws Exception {
        final Path library = EmulatedCuda.fresh().library();
        Files.writeString(library.resolveSibling(library.getFileName() + ".faults"), fault);
        final List<String> flags = List.of(
                "--nodes",
                Integer.toString(NODES),
                "--replicas",
                Integer.toString(NODES),
                "--restart-after",
                "1",
                "--log-dir",
                folder.toString(),
                "-Dcheshire.device.kernels=cuda",
                "-Dcheshire.device.router-kernels=onednn",
                "-Dcheshire.cuda.driver-library=" + library,
                "-Dcheshire.cuda.hang-timeout=5s",
                "-Dcheshire.cuda.loss-record=" + folder.resolve("losses"),
                "-Dcheshire.expert-node.warm-up=0s");
        try (ClusterProcesses cluster = ClusterProcesses.start(LIMIT, flags);
                ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            cluster.awaitWhole(NODES, NODES, LIMIT);
            final String expected = answer(cluster);
            int rounds = 0;
            while (cluster.output().stream().noneMatch(line -> line.contains("ended with status 70"))) {
                assertThat(rounds++).as("rounds until the GPU is lost").isLessThan(MAX_ROUNDS);
                final List<Callable<String>> asked = new ArrayList<>();
                for (int i = 0; i < STREAMS; i++) {
                    asked.add(() -> answer(cluster));
                }
                for (final Future<String> one : crowd.invokeAll(asked)) {
                    assertThat(one.get()).isEqualTo(expected);
                }
            }
            cluster.awaitWhole(NODES, NODES, LIMIT);
            assertThat(answer(cluster)).isEqualTo(expected);
            assertThat(Files.readAllLines(folder.resolve("losses"))).hasSize(1);
        }
    }

    private static String answer(final ClusterProcesses cluster) throws Exception {
        final JsonNode choice = cluster.api()
                .post(
                        "/v1/completions",
                        Map.of(
                                "model",
                                "cheshire-mini",
                                "prompt",
                                PROMPT,
                                "max_tokens",
                                TOKENS,
                                "temperature",
                                0,
                                "return_token_ids",
                                true))
                .ok()
                .at("/choices/0");
        return choice.get("token_ids").toString();
    }
}
