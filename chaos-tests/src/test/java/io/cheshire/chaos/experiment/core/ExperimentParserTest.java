package io.cheshire.chaos.experiment.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.chaos.experiment.protocol.AbortRule;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.experiment.protocol.FaultTarget;
import io.cheshire.chaos.experiment.protocol.FaultVerb;
import io.cheshire.chaos.experiment.protocol.Hypothesis;
import io.cheshire.chaos.experiment.protocol.PlannedFault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentParserTest {
    @Test
    void shouldReadEveryFieldOfAFile() {
        final Experiment read = ExperimentFiles.parse(ExperimentFiles.GOOD);

        assertThat(read.name()).isEqualTo("a name");
        assertThat(read.seed()).isEqualTo(3);
        assertThat(read.load().streams()).isEqualTo(4);
        assertThat(read.load().duration()).isEqualTo(Duration.ofSeconds(10));
        assertThat(read.cluster().on()).isEqualTo(ExperimentCluster.Kind.LOCAL);
        assertThat(read.faults())
                .containsExactly(new PlannedFault(
                        Duration.ofSeconds(2),
                        FaultVerb.STOP,
                        new FaultTarget.Nodes(List.of(1)),
                        Duration.ofSeconds(3),
                        0,
                        Duration.ZERO,
                        0,
                        0));
        assertThat(read.hypothesis())
                .isEqualTo(new Hypothesis(Hypothesis.Tokens.IDENTICAL, null, Duration.ofSeconds(2), null, null));
        assertThat(read.abort()).isEqualTo(new AbortRule(Duration.ofSeconds(20), null));
    }

    /** What is changed in the good file, to what, and how the refusal begins. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "at: 2s      | at: 5x     | file.yaml:14:9: at: \"5x\" is no duration; write 500ms, 5s, 2m",
                "at: 2s      | at: 12s    | file.yaml:14:9: at: 12 s is after the load's end at 10 s",
                "kind: stop  | kind: stab | file.yaml:15:11: kind: \"stab\" is none of kill, stop, terminate, move",
                "kind: stop  | kind: kill | file.yaml:17:10: for: kill is over at once and has no duration",
                "for: 3s     | seed: 3    | file.yaml:15:11: kind: stop needs \"for\"",
                "{node: 1}   | {node: 4}  | file.yaml:16:20: node: 4 is out of range; write 0 to 3",
                "{node: 1}   | {nodes: [1, 9]} | file.yaml:16:25: nodes: \"9\" is no number from 0 to 3",
                "{node: 1}   | {nodes: [1, 1]} | file.yaml:16:21: nodes: it must name at least one node",
                "{node: 1}   | {random: 5} | file.yaml:16:22: random: 5 is out of range; write 1 to 4",
                "{node: 1}   | {node: 1, random: 1} | file.yaml:16:13: target: one target at a time",
                "{node: 1}   | {}         | file.yaml:16:13: target: it names nobody; write one of node, nodes, random",
                "{node: 1}   | {host: 1}  | file.yaml:16:14: target has no field \"host\"; it has node",
                "{node: 1}   | 1          | file.yaml:16:13: target must be fields, such as \"name:",
                "{node: 1}   | {role: king} | file.yaml:16:20: role: \"king\" is none of coordinator, router",
                "streams: 4  | streams: 0 | file.yaml:5:12: streams: 0 is out of range; write 1 to 1000",
                "streams: 4  | streams: x | file.yaml:5:12: streams: \"x\" is no whole number; write one from",
                "streams: 4  | steams: 4  | file.yaml:5:3: load: give either streams",
                "streams: 4  | rate: fast | file.yaml:5:9: rate: \"fast\" is no number; write one from 0.01 to 1000",
                "duration: 10s | duration: 500ms | file.yaml:8:13: duration: 500 ms is out of range; write 1s to 60m",
                "seed: 3     | seed: -1   | file.yaml:3:7: seed: -1 is out of range",
                "copies: 2   | copies: 5  | file.yaml:12:11: copies: 5 of each unit don't fit on 4 nodes",
                "copies: 2   | gpu: real | file.yaml:12:8: gpu: \"real\" is none of emulated",
                "copies: 2   | api: http://x | file.yaml:10:3: cluster: api and ops are addresses of a running cluster",
                "on: local   | on: mars   | file.yaml:10:7: on: \"mars\" is none of local, running, simulation",
                "name: a name | title: x  | file.yaml:1:1: the file: name is missing; write name: one node killed",
                "seed: 3     | sed: 3     | file.yaml:3:1: the file has no field \"sed\"; it has name",
                "seed: 3     | name: twice | file.yaml:3:1: name stands twice in the file; leave one",
                "tokens: identical | tokens: [] | file.yaml:19:11: tokens: a list is no text",
                "longest-gap-at-most | gap | file.yaml:20:3: hypothesis has no field \"gap\"; it has tokens",
                "max-nodes-down: 1 | max-duration: 1s | file.yaml:22:17: max-duration: 1 s is less than the load's",
                "longest-gap-above: 20s | error-rate-above: 120% | file.yaml:24:21: error-rate-above: 120% is out of",
                "for: 3s     | \"for: 3s, bad: [\" | file.yaml:18:1: this is no YAML",
            })
    void shouldRefuseWithLineColumnValueAndRemedy(final String old, final String other, final String refusal) {
        assertThatThrownBy(() -> ExperimentFiles.with(old, other))
                .isInstanceOf(ExperimentRefused.class)
                .hasMessageStartingWith(refusal);
    }

    @Test
    void shouldRefuseAHypothesisThatClaimsNothing() {
        assertThatThrownBy(() -> ExperimentFiles.with(
                        "hypothesis:\n  tokens: identical\n  longest-gap-at-most: 2s", "hypothesis: {}"))
                .hasMessage("file.yaml:18:13: hypothesis: it claims nothing, so nothing could be wrong;"
                        + " write at least tokens: identical");
    }

    @Test
    void shouldRefuseFaultsThatAreMissingOrOutOfOrder() {
        final String entry = "  - {at: 1s, kind: kill, target: {node: 0}}\n";
        assertThatThrownBy(() -> ExperimentFiles.with("hypothesis:", entry + "hypothesis:"))
                .hasMessageStartingWith("file.yaml:18:10: at: 1 s is before the entry above it, at 2 s");
        assertThatThrownBy(() -> ExperimentFiles.parse(
                        ExperimentFiles.GOOD.replaceAll("(?s)faults:.*hypothesis:", "faults: []\nhypothesis:")))
                .hasMessageStartingWith("file.yaml:1:1: the file: faults is missing or empty");
    }

    @Test
    void shouldRefuseWhatOneKindNeedsAndAnotherHasNot() {
        assertThatThrownBy(() -> ExperimentFiles.with("for: 3s", "for: 3s\n    share: 0.2"))
                .hasMessage("file.yaml:18:12: share: stop has none; it belongs to kind: loss");
        assertThatThrownBy(() -> ExperimentFiles.with("kind: stop", "kind: loss"))
                .hasMessageStartingWith("file.yaml:15:11: kind: loss needs \"share\"");
        assertThatThrownBy(() -> ExperimentFiles.with("kind: stop", "kind: coordinator-kill")
                        .faults())
                .hasMessageStartingWith("file.yaml:17:10: for: coordinator-kill is over at once");
        assertThatThrownBy(() -> ExperimentFiles.with("{node: 1}", "{role: router}\n    delay: 1s"))
                .hasMessageStartingWith("file.yaml:17:12: delay: stop has none");
        assertThatThrownBy(() -> ExperimentFiles.with(
                        "kind: stop\n    target: {node: 1}", "kind: drain\n    target: {role: router}"))
                .hasMessageStartingWith("file.yaml:16:20: role: drain is done to expert nodes, not to the router");
    }

    @Test
    void shouldRefuseToHurtGpusThatAreNotThere() {
        final Experiment processors = ExperimentFiles.with(
                "kind: stop\n    target: {node: 1}\n    for: 3s", "kind: gpu-error\n    target: {node: 1}");
        assertThatThrownBy(() -> Abilities.demand(processors))
                .hasMessage("gpu-error is done to emulated GPUs, and the nodes have none; write cluster.gpu: emulated");
        assertThatThrownBy(() -> ExperimentFiles.with("on: local", "on: simulation\n  gpu: emulated"))
                .hasMessageContaining("gpu: GPUs are emulated for processes of this host only");
    }

    @Test
    void shouldRefuseAnEmptyFile() {
        assertThatThrownBy(() -> ExperimentFiles.parse("")).hasMessageStartingWith("file.yaml: the file is empty");
    }

    @Test
    void shouldLetTheCommandLineSayOnWhatItRuns() {
        assertThat(ExperimentParser.parse("f", ExperimentFiles.GOOD, ExperimentCluster.Kind.SIMULATION)
                        .cluster()
                        .on())
                .isEqualTo(ExperimentCluster.Kind.SIMULATION);
    }

    static Stream<Path> examples() throws java.io.IOException {
        final Path folder = Path.of(System.getProperty("cheshire.root", ".."), "chaos-tests/experiments");
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldReadEveryExampleAndNameItsTargets(final Path file) throws java.io.IOException {
        // A cluster that runs already is known by addresses only.
        final String text = Files.readString(file)
                .replace(
                        "on: running", "on: running\n  api: http://127.0.0.1:1\n  ops: http://127.0.0.1:2\n  nodes: 4");
        final Experiment example = ExperimentParser.parse(file.toString(), text, null);

        Abilities.demand(example);
        assertThat(TargetChoice.resolve(example, ClusterMap.expected(example.cluster())))
                .hasSameSizeAs(example.faults());
    }
}
