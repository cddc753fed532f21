package io.cheshire.chaos.experiment.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.experiment.core.ExperimentParser;
import io.cheshire.chaos.experiment.core.ExperimentReport;
import io.cheshire.chaos.experiment.core.Verdict;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.model.testing.EmulatedCuda;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes wrong with emulated GPUs on real processes: no token is altered, no stream fails, the node comes back. */
@Timeout(value = 12, unit = TimeUnit.MINUTES)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.test.long=true")
class GpuExperimentsIT {
    static Stream<String> files() {
        return ExampleFiles.NAMES.stream().filter(name -> name.startsWith("gpu-"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void shouldHoldWhateverGoesWrongWithAGpu(final String name) throws Exception {
        Assumptions.assumeTrue(EmulatedCuda.canRun("g++"), "no emulated GPU: it needs g++");
        final Experiment experiment =
                ExperimentParser.parse(name, ExampleFiles.all().get(name), null);
        try (LocalSite site = LocalSite.start(experiment.cluster(), line -> {})) {
            final ExperimentReport report = new ExperimentRun(experiment, site, "command", System.out::println).run();

            assertThat(report.verdict().outcome()).as(report.verdict().why()).isEqualTo(Verdict.Outcome.HELD);
            assertThat(report.streams()).isNotEmpty();
        }
    }
}
