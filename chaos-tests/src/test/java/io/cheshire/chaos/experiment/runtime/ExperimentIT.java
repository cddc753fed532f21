package io.cheshire.chaos.experiment.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.experiment.core.ExperimentParser;
import io.cheshire.chaos.experiment.core.ExperimentReport;
import io.cheshire.chaos.experiment.core.ReportPage;
import io.cheshire.chaos.experiment.core.StreamLine;
import io.cheshire.chaos.experiment.core.Verdict;
import io.cheshire.chaos.experiment.protocol.Experiment;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Experiments on real processes: one that holds, and one whose hypothesis is wrong. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ExperimentIT {
    private static final String FILE = """
            name: a node stopped, then one killed
            seed: 5
            load: {streams: 4, prompt-tokens: 8, answer-tokens: 16, duration: 5s}
            cluster: {on: local, nodes: 2, copies: 2}
            faults:
              - {at: 1s, kind: stop, target: {node: 0}, for: 1s}
              - {at: 3s, kind: kill, target: {node: 1}}
            hypothesis:
              tokens: identical
              longest-gap-at-most: LIMIT
            limits: {max-nodes-down: 1, least-holders: 1}
            """;

    private static final String OPEN = """
            name: a node drained under open load
            load: {rate: 5, prompt-tokens: 8, answer-tokens: 16, duration: 3s}
            cluster: {on: local, nodes: 2, copies: 2}
            faults:
              - {at: 0ms, kind: drain, target: {node: 0}, for: 1s}
            hypothesis: {tokens: identical}
            abort: {longest-gap-above: RULE}
            """;

    private static Experiment experiment(final String limit) {
        return ExperimentParser.parse("file", FILE.replace("LIMIT", limit), null);
    }

    @Test
    void shouldHoldWhereANodeIsHurtAndSayWhyAWrongHypothesisDoesNot() throws Exception {
        try (LocalSite site = LocalSite.start(experiment("60s").cluster(), line -> {})) {
            final ExperimentReport held =
                    new ExperimentRun(experiment("60s"), site, "command", System.out::println).run();

            assertThat(held.verdict().outcome()).as(held.verdict().why()).isEqualTo(Verdict.Outcome.HELD);
            assertThat(held.verdict().status()).isZero();
            assertThat(held.streams())
                    .isNotEmpty()
                    .allSatisfy(stream -> assertThat(stream.end()).isEqualTo(StreamLine.End.SAME));
            assertThat(held.faults()).hasSize(2);
            assertThat(ReportPage.of(held)).contains("stop expert-node-0 for 1 s");

            shouldEndByItsRuleUnderOpenLoadWithAllTakenBack(site);

            final Verdict wrong = Verdict.of(experiment("1ms").hypothesis(), held.figures(), "");
            assertThat(wrong.status()).isEqualTo(1);
            assertThat(wrong.why())
                    .startsWith("longest-gap-at-most does not hold: ")
                    .endsWith("asked: at most 1 ms");
        }
    }

    /** The same cluster, reached as one that runs: streams begin evenly, and a drain is cut short. */
    private static void shouldEndByItsRuleUnderOpenLoadWithAllTakenBack(final LocalSite site) throws Exception {
        final Experiment held = ExperimentParser.parse("file", OPEN.replace("RULE", "60s"), null);
        final ExperimentReport open = new ExperimentRun(held, site, "command", System.out::println).run();
        assertThat(open.verdict().outcome()).as(open.verdict().why()).isEqualTo(Verdict.Outcome.HELD);
        assertThat(open.streams()).as("5 a second for 3 s").hasSizeBetween(13, 16);
        assertThat(open.faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.toMs() - fault.fromMs()).isBetween(900.0, 10_000.0));

        final Experiment cut = ExperimentParser.parse("file", OPEN.replace("RULE", "1ms"), null);
        final ExperimentReport aborted = new ExperimentRun(cut, site, "command", System.out::println).run();
        assertThat(aborted.verdict().outcome()).isEqualTo(Verdict.Outcome.ABORTED);
        assertThat(aborted.verdict().why()).startsWith("abort.longest-gap-above: a stream had no token for ");
        assertThat(site.ops().read("/admin/v1/cluster").get("nodes"))
                .noneSatisfy(node -> assertThat(node.get("state").asText()).isEqualTo("DRAINING"));
    }
}
