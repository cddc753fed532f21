package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.ServeProcess;
import io.cheshire.model.runtime.synth.Synth;
import io.cheshire.model.runtime.synth.SynthShape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that join a running cluster: a router that is killed then, and a node with another checkpoint. */
@Timeout(value = 6, unit = TimeUnit.MINUTES)
abstract class JoiningProcessCases {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final long SEED = Long.getLong("cheshire.seed", 20_261_128L);
    private static final StreamLoad LOAD = new StreamLoad(6, 12, 48, 4000, SEED);

    private static final String STRANGER = Integer.toString(SharedCluster.NODES);

    private final SharedCluster shared;

    JoiningProcessCases(final SharedCluster shared) {
        this.shared = shared;
    }

    @Test
    void shouldCutOnlyTheStreamsOfAKilledRouter() throws Exception {
        final ClusterProcesses cluster = shared.steady(1);
        final List<StreamTrace> expected = LOAD.run(cluster.api(), List.of());
        assertThat(expected).allSatisfy(trace -> assertThat(trace.error()).isNull());
        checkKilledRouter(cluster, expected);
        assertThat(Comparison.of(LOAD.run(cluster.api(), List.of()), expected)).isEqualTo(new Comparison(0, 0, ""));
    }

    @Test
    void shouldRefuseANodeWithAnotherCheckpoint(@TempDir final Path other) throws Exception {
        final ClusterProcesses cluster = shared.steady(1);
        final List<StreamTrace> expected = LOAD.run(cluster.api(), List.of());
        checkOtherCheckpoint(cluster, other);
        assertThat(Comparison.of(LOAD.run(cluster.api(), List.of()), expected)).isEqualTo(new Comparison(0, 0, ""));
    }

    private static void checkKilledRouter(final ClusterProcesses cluster, final List<StreamTrace> expected)
            throws Exception {
        final List<String> flags = new ArrayList<>(cluster.joinFlags());
        flags.addAll(List.of("--router-id", "1"));
        try (ServeProcess router = ServeProcess.startRouter(flags);
                JsonClient api = new JsonClient(router.port());
                ExecutorService other = Executors.newSingleThreadExecutor()) {
            Await.until(
                    "the second router is ready",
                    LIMIT,
                    Await.CLUSTER_POLL,
                    () -> isReady(api),
                    () -> router.output().toString());
            // With the first of many steps: early, since the router may be far ahead of whoever counts its tokens.
            final Future<List<StreamTrace>> cut = other.submit(
                    () -> LOAD.run(api, List.of(router::close, () -> {}, () -> {}, () -> {}, () -> {}, () -> {})));
            final List<StreamTrace> whole = LOAD.run(cluster.api(), List.of());

            assertThat(Comparison.of(whole, expected))
                    .as("streams of the other router")
                    .isEqualTo(new Comparison(0, 0, ""));
            for (int i = 0; i < expected.size(); i++) {
                final StreamTrace trace = cut.get().get(i);
                assertThat(expected.get(i).tokenIds())
                        .as("what stream %d of the killed router had got, which ended with: %s", i, trace.error())
                        .startsWith(trace.tokenIds().toArray(Integer[]::new));
                if (trace.error() == null) {
                    assertThat(trace.tokenIds()).isEqualTo(expected.get(i).tokenIds());
                }
            }
            assertThat(cut.get()).as("streams that broke").anyMatch(trace -> trace.error() != null);
        }
    }

    static boolean isReady(final JsonClient api) {
        try {
            return api.get("/ready").status() == 200;
        } catch (final java.io.IOException notYet) {
            return false;
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void checkOtherCheckpoint(final ClusterProcesses cluster, final Path other) throws Exception {
        Synth.write(other, new SynthShape(64, 96, 3, 4, 2, 16, 8, 200, 160, 64).toConfig(), Synth.Options.ofSeed(SEED));
        final List<String> flags = new ArrayList<>(cluster.joinFlags());
        flags.addAll(List.of("--node-id", STRANGER, "--model", other.toString()));
        try (ServeProcess node = ServeProcess.launch("expert-node", flags)) {
            node.exitStatus(LIMIT);
            assertThat(node.output()).as("what the node says").anyMatch(line -> line.contains("STOPPED: refused:"));
        }
        final JsonNode seen = cluster.ops().read("/admin/v1/cluster");
        assertThat(StreamSupport.stream(seen.get("events").spliterator(), false))
                .as("what the coordinator says")
                .anyMatch(event -> event.get("kind").asText().equals("REFUSED")
                        && event.get("reason").asText().startsWith("node " + STRANGER + ": "));
        assertThat(ClusterLook.of(seen).serving()).hasSize(SharedCluster.NODES);
    }
}
