package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.ServeProcess;
import io.cheshire.model.runtime.synth.Synth;
import io.cheshire.model.runtime.synth.SynthShape;
import io.cheshire.testing.ExpectedErrors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes whose checkpoints differ in one bit, where the sampled fingerprint doesn't look; {@link
 * OneBitReplicasTest} is the same within one process.
 */
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "starts a cluster of processes: give -Dcheshire.test.long=true")
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class DifferingReplicaIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final long SEED = Long.getLong("cheshire.seed", 20_261_129L);
    private static final SynthShape SHAPE = new SynthShape(256, 256, 1, 4, 2, 64, 2, 200, 160, 64);

    @Test
    @ExpectedErrors("its model files differ from those of other nodes")
    void shouldNeverListAUnitThatDiffersInOneBitFromTheFirstHolders(@TempDir final Path directory) throws Exception {
        final Path first = directory.resolve("first");
        final Path second = directory.resolve("second");
        Synth.write(first, SHAPE.toConfig(), Synth.Options.ofSeed(SEED));
        Synth.write(second, SHAPE.toConfig(), Synth.Options.ofSeed(SEED));
        OneBit.flipUnsampled(second, "model.layers.0.block_sparse_moe.experts.1.w2.weight", new SplittableRandom(SEED));
        final List<String> sampled =
                List.of("-Dcheshire.model.fingerprint=sampled", "-Dcheshire.coordinator.scrub.interval=100ms");
        final List<String> start = new ArrayList<>(List.of(
                "--nodes",
                "1",
                "--replicas",
                "2",
                "--log-dir",
                directory.resolve("logs").toString()));
        start.addAll(List.of("--model", first.toString()));
        start.addAll(sampled);
        try (ClusterProcesses cluster = ClusterProcesses.start(LIMIT, start)) {
            final List<String> flags = new ArrayList<>(cluster.joinFlags());
            flags.addAll(List.of("--node-id", "1", "--model", second.toString()));
            flags.addAll(sampled);
            try (ServeProcess node = ServeProcess.launch("expert-node", flags)) {
                Await.until(
                        "node 1 was given the units",
                        LIMIT,
                        Await.CLUSTER_POLL,
                        () -> holders(cluster, 0).contains(1)
                                && (isRefused(cluster) || holders(cluster, 1).contains(1)),
                        () -> node.output().toString());
                assertThat(holders(cluster, 1))
                        .as("holders of the unit that differs")
                        .containsExactly(0);
                assertThat(node.output())
                        .as("what the node says")
                        .anyMatch(line -> line.contains("its model files differ"));
                Await.until(
                        "copies of the other unit were compared",
                        LIMIT,
                        Await.CLUSTER_POLL,
                        () -> sameness(cluster).get("scrubsAgreed").asLong() >= 5,
                        () -> sameness(cluster).toString());
                assertThat(sameness(cluster).get("scrubsDisagreed").asLong()).isZero();
                assertThat(sameness(cluster).get("unitsDiffering").asLong())
                        .as("held and not used")
                        .isZero();
            }
        }
    }

    private static JsonNode sameness(final ClusterProcesses cluster) {
        return cluster.ops().read("/admin/v1/cluster").get("sameness");
    }

    private static boolean isRefused(final ClusterProcesses cluster) {
        final JsonNode seen = cluster.ops().read("/admin/v1/cluster");
        return StreamSupport.stream(seen.get("events").spliterator(), false)
                .anyMatch(event -> event.get("kind").asText().equals("UNIT_DIFFERS")
                        && event.get("reason").asText().contains("node 1"));
    }

    private static List<Integer> holders(final ClusterProcesses cluster, final int expert) {
        final List<Integer> nodes = new ArrayList<>();
        cluster.ops()
                .read("/admin/v1/cluster")
                .at("/placement/nodesByUnit")
                .get(expert)
                .forEach(node -> nodes.add(node.asInt()));
        return nodes;
    }
}
