package io.cheshire.chaos.experiment.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TargetChoiceTest {
    /** Two layers of two experts; unit u is on nodes u and u + 1. */
    private static final ClusterMap MAP = new ClusterMap(
            List.of(0, 1, 2, 3), 1, 2, List.of(List.of(0, 1), List.of(1, 2), List.of(2, 3), List.of(3, 0)));

    private static List<List<String>> who(final Experiment experiment) {
        return TargetChoice.resolve(experiment, MAP).stream()
                .map(ResolvedFault::who)
                .toList();
    }

    private static String seeded(final long seed, final String target) {
        return ExperimentFiles.GOOD.replace("seed: 3", "seed: " + seed).replace("{node: 1}", target);
    }

    @Test
    void shouldDrawTheSameNodesFromTheSameSeedAndOthersFromOthers() {
        final Experiment once = ExperimentFiles.parse(seeded(5, "{random: 1}"));
        assertThat(who(once)).isEqualTo(who(ExperimentFiles.parse(seeded(5, "{random: 1}"))));

        final long different = IntStream.range(0, 40)
                .mapToObj(seed -> who(ExperimentFiles.parse(seeded(seed, "{random: 1}"))))
                .distinct()
                .count();
        assertThat(different).as("nodes drawn from 40 seeds").isEqualTo(4);
    }

    @Test
    void shouldFindTheFirstHolderOfAUnitAndProcessesByRole() {
        assertThat(who(ExperimentFiles.parse(seeded(1, "{holder-of: {layer: 1, expert: 0}}"))))
                .containsExactly(List.of("expert-node-2"));
        assertThat(who(ExperimentFiles.parse(seeded(1, "{role: coordinator}"))))
                .containsExactly(List.of("coordinator"));
    }

    @Test
    void shouldHitAllNodesOfARackAndRefuseOneThatIsNotThere() {
        final String file = seeded(1, "{rack: b}").replace("max-nodes-down: 1", "max-nodes-down: 2");
        final ClusterMap racks = new ClusterMap(
                MAP.nodes(), 1, 2, List.of(List.of(0, 1)), ClusterMap.racks(MAP.nodes(), node -> node < 2 ? "a" : "b"));

        assertThat(TargetChoice.resolve(ExperimentFiles.parse(file), racks)
                        .getFirst()
                        .nodes())
                .containsExactly(2, 3);
        assertThatThrownBy(() -> TargetChoice.resolve(ExperimentFiles.parse(file.replace("rack: b", "rack: c")), racks))
                .hasMessage("there is no rack \"c\"; there are a, b");
        assertThatThrownBy(() -> who(ExperimentFiles.parse(file)))
                .hasMessageContaining("there is no rack \"b\"; the nodes are in none");
    }

    @Test
    void shouldRefuseAUnitThatTheModelHasNot() {
        assertThatThrownBy(() -> who(ExperimentFiles.parse(seeded(1, "{holder-of: {layer: 2, expert: 0}}"))))
                .hasMessage("there is no unit of layer 2, expert 0; the model has 2 layers of 2 experts");
    }

    @Test
    void shouldRefuseMoreNodesDownAtOnceThanTheLimitAllows() {
        assertThatThrownBy(() -> who(ExperimentFiles.parse(seeded(1, "{nodes: [0, 2]}"))))
                .hasMessageContaining("nodes [0, 2] would be down at once, and limits.max-nodes-down is 1");
        final String second = "  - {at: 4s, kind: kill, target: {node: 3}}\n";
        assertThatThrownBy(() -> who(ExperimentFiles.with("hypothesis:", second + "hypothesis:")))
                .as("the first one is stopped still")
                .hasMessageContaining("nodes [1, 3] would be down at once");
        final String later = "  - {at: 6s, kind: kill, target: {node: 3}}\n";
        assertThat(who(ExperimentFiles.with("hypothesis:", later + "hypothesis:")))
                .hasSize(2);
    }

    @Test
    void shouldRefuseToTakeTheLastHolderOfAUnit() {
        assertThatThrownBy(() -> who(ExperimentFiles.parse(
                        seeded(1, "{nodes: [0, 1]}").replace("max-nodes-down: 1", "max-nodes-down: 2"))))
                .hasMessageContaining("unit (0,0) would be left with 0 nodes, and limits.least-holders is 1");
        assertThat(who(ExperimentFiles.parse(
                        seeded(1, "{nodes: [0, 2]}").replace("max-nodes-down: 1", "max-nodes-down: 2"))))
                .as("they hold no unit together")
                .hasSize(1);
    }

    @Test
    void shouldRefuseByNameWhatAClusterCannotDo() {
        final Experiment network = ExperimentFiles.with("kind: stop", "kind: partition");
        assertThatThrownBy(() -> Abilities.demand(network))
                .hasMessage("partition can't be done on: local; there it can do kill, stop, terminate, move, drain,"
                        + " coordinator-kill, router-kill, gpu-error, gpu-hang, gpu-bit-flip, gpu-out-of-memory,"
                        + " gpu-refusal");
        Abilities.demand(ExperimentParser.parse(
                "f", ExperimentFiles.GOOD.replace("kind: stop", "kind: partition"), ExperimentCluster.Kind.SIMULATION));
        assertThatThrownBy(() -> Abilities.demand(
                        ExperimentFiles.with("kind: stop\n    target: {node: 1}\n    for: 3s", "kind: router-kill")))
                .hasMessageContaining("write cluster.routers: 2");
        assertThatThrownBy(() -> Abilities.demand(ExperimentFiles.with(
                        "kind: stop\n    target: {node: 1}\n    for: 3s", "kind: kill\n    target: {role: router}")))
                .hasMessageContaining("write cluster.routers: 2");
        assertThatThrownBy(() -> Abilities.demand(ExperimentParser.parse(
                        "f", ExperimentFiles.GOOD.replace("nodes: 4", "nodes: 9"), ExperimentCluster.Kind.SIMULATION)))
                .hasMessageContaining("clusters of up to 6 nodes and 3 routers; cluster.nodes is 9");
        assertThatThrownBy(() -> Abilities.demand(ExperimentParser.parse(
                        "f",
                        ExperimentFiles.GOOD.replace("kind: stop", "kind: drain"),
                        ExperimentCluster.Kind.RUNNING)))
                .hasMessageContaining("give --api URL and --ops URL");
    }
}
