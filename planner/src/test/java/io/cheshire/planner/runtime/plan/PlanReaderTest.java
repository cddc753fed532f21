package io.cheshire.planner.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.PlanRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlanReaderTest {
    @TempDir
    private Path directory = Path.of("");

    private Path file(final String text) throws IOException {
        return Files.writeString(directory.resolve("plan.conf"), text);
    }

    private void refused(final String text, final String... words) throws IOException {
        final Path file = file(text);
        assertThatThrownBy(() -> PlanReader.read(file, Map.of(), 1))
                .isInstanceOf(PlanRefused.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void shouldNameLineValueAndRemedyOfAKeyThatNobodyKnows() throws IOException {
        refused(
                "plan {\n  fleet {\n    expert-node = 8\n  }\n}\n",
                "line 3",
                "plan.fleet.expert-node",
                "did you mean plan.fleet.expert-nodes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fleet { expert-nodes = 3.5 } | plan.fleet.expert-nodes = 3.5 | whole numbers",
                "fleet { replicas = 3, expert-nodes = 2 } | fleet.replicas | a node holds a unit once",
                "fleet { racks = 20 } | fleet.racks = 20 | lower racks",
                "fleet { spread = rack } | fleet.spread | fleet.racks = 2 or more",
                "workload { rate = fast } | workload.rate | such as 40/s",
                "workload { preset = chat, prompt = 12 } | workload | one place only",
                "workload { trace = none.csv } | workload.trace | no readable file",
                "workload { routing = none.csv } | workload.routing | record-routing",
                "workload { prompt = 200000, output = 10 } | workload.prompt | don't fit",
                "workload { cohorts = [{ share = 0.5 }] } | workload.cohorts | add up to 1",
                "objectives { survives = rack } | objectives.survives | fleet.racks",
                "objectives { availability = 2 } | objectives.availability = 2 | from 0 to 1",
                "failures { gpu { mtbf = 10h, mttr = { soft = \"1h@0.5\" } } } | mttr | add up to 1",
                "failures { gpu { mtbf = 10h, mttr = { soft = soon } } } | soft | such as 12h@0.2",
                "failures { from-chaos-reports = none } | from-chaos-reports | chaos run",
                "model = no-such-model | plan.model | config.json",
                "calibration = none.json | plan.calibration | cheshire calibrate"
            })
    void shouldRefuseWhatContradictsItself(final String text, final String key, final String remedy)
            throws IOException {
        refused("plan {\n" + text + "\n}\n", key.strip(), remedy.strip(), "line 2");
    }

    @Test
    void shouldPlanWithoutAnyFile() {
        final CapacityPlan plan = PlanReader.read(null, Map.of(), 1);

        assertThat(plan.fleet().first().nodes()).isEqualTo(16);
        assertThat(plan.isAssumed()).isTrue();
        assertThat(plan.model().unitBytes()).isEqualTo(157_286_400);
        assertThat(plan.assumptions()).anyMatch(each -> each.contains("nothing was measured on h200"));
    }

    @Test
    void shouldLetFlagsWinOverTheFile() throws IOException {
        final Path file = file("plan { workload { preset = rag, rate = 10/s }, fleet { expert-nodes = [4, 8] } }");

        final CapacityPlan plan = PlanReader.read(file, Map.of("workload.prompt", 100.0, "workload.output", 50.0), 1);

        assertThat(plan.load().lengths().meanPrompt()).isEqualTo(100);
        assertThat(plan.load().requestsPerSecond()).isEqualTo(10);
        assertThat(plan.fleet().nodes()).containsExactly(4, 8);
    }

    @Test
    void shouldTakeRateLengthsAndBurstsFromATrace() throws IOException {
        Files.writeString(directory.resolve("t.csv"), """
                TIMESTAMP,ContextTokens,GeneratedTokens
                2023-11-16 18:15:46.0000000,100,10
                2023-11-16 18:15:47.0000000,200,20
                2023-11-16 18:15:48.0000000,300,30
                """);
        final CapacityPlan plan = PlanReader.read(file("plan { workload { trace = t.csv, speed = 2 } }"), Map.of(), 1);

        assertThat(plan.load().requestsPerSecond()).isCloseTo(2, within(1e-9));
        assertThat(plan.load().gapCv()).isZero();
        assertThat(plan.load().lengths().meanPrompt()).isCloseTo(200, within(1e-9));
        assertThat(plan.load().lengths().meanOutput()).isCloseTo(20, within(1e-9));
    }

    @Test
    void shouldTakeGapsFromChaosReports() throws IOException {
        Files.writeString(
                directory.resolve("a.json"), "{\"figures\":{\"longest_gap_ms\":140.0,\"whole_again_ms\":7000}}");
        final CapacityPlan plan =
                PlanReader.read(file("plan { failures { from-chaos-reports = \"*.json\" } }"), Map.of(), 1);

        assertThat(plan.failures().episode().gapSeconds()).isCloseTo(0.14, within(1e-9));
        assertThat(plan.failures().episode().restoreSeconds()).isCloseTo(7, within(1e-9));
    }
}
