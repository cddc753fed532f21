package io.cheshire.chaos.experiment.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.experiment.core.ExperimentParser;
import io.cheshire.chaos.experiment.core.ExperimentReport;
import io.cheshire.chaos.experiment.core.ReportPage;
import io.cheshire.chaos.experiment.core.RunMark;
import io.cheshire.chaos.experiment.core.Verdict;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import org.junit.jupiter.api.Test;

/** The same files run under virtual time. */
class SimulatedExperimentTest {
    private static final String FILE = """
            name: a node partitioned
            load: {streams: 4, duration: 6s}
            cluster: {on: simulation, nodes: 3, copies: 2}
            faults:
              - {at: 2s, kind: kill, target: {random: 1}}
              - {at: 3s, kind: delay, delay: 50ms, target: {node: 0}, for: 1s}
            hypothesis:
              tokens: identical
              longest-gap-at-most: 10s
              whole-again-within: 15s
              books: balanced
            limits: {max-nodes-down: 2, least-holders: 0}
            """;

    private static ExperimentReport run(final String text) {
        return new SimulatedExperiment(
                        ExperimentParser.parse("f", text, ExperimentCluster.Kind.SIMULATION), "command", line -> {})
                .run();
    }

    @Test
    void shouldHoldWhereANodeIsKilledThatOthersStandInFor() {
        final ExperimentReport report = run(FILE);

        assertThat(report.verdict().outcome()).as(report.verdict().why()).isEqualTo(Verdict.Outcome.HELD);
        assertThat(report.streams()).hasSizeGreaterThan(10);
        assertThat(report.faults()).hasSize(2);
        assertThat(report.marks()).extracting(RunMark::kind).contains(RunMark.Kind.DETECTED, RunMark.Kind.PUBLISHED);
        assertThat(ReportPage.of(report)).contains("held");
        assertThat(run(FILE)).as("the same again").isEqualTo(report);
    }

    @Test
    void shouldSayWhichClaimDoesNotHold() {
        final ExperimentReport report = run(FILE.replace("longest-gap-at-most: 10s", "longest-gap-at-most: 1ms"));

        assertThat(report.verdict().status()).isEqualTo(1);
        assertThat(report.verdict().why())
                .startsWith("longest-gap-at-most does not hold: ")
                .endsWith("at most 1 ms");
    }
}
