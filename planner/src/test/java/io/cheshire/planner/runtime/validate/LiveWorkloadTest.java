package io.cheshire.planner.runtime.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.run.RequestStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveWorkloadTest {
    private static final int CONTEXT = 512;
    private static final long SEED = 3;

    @TempDir
    private Path directory = Path.of("");

    /** Two together every two seconds; every twentieth request has ten times as many tokens. */
    private Path trace(final String name, final int requests) throws IOException {
        final List<String> lines = new ArrayList<>(List.of("TIMESTAMP,ContextTokens,GeneratedTokens"));
        for (int i = 0; i < requests; i++) {
            final int many = i % 20 == 19 ? 10 : 1;
            lines.add("2023-11-16 18:%02d:%02d.0000000,%d,%d".formatted(i / 60, i % 60 / 2 * 2, 924 * many, 100));
        }
        return Files.write(directory.resolve(name), lines);
    }

    @Test
    void shouldPlayATraceAtTheRateThatIsAskedForInItsOwnPattern() throws IOException {
        final LiveWorkload workload = TraceWorkload.read("a trace", trace("a-conv.csv", 400), CONTEXT);

        final RequestStream slow = workload.requests(5, 100, SEED);
        final RequestStream fast = workload.requests(50, 100, SEED);

        assertThat(slow.size() / (slow.lastArrivalNs() / 1e9)).isCloseTo(5, within(1e-6));
        assertThat(fast.size() / (fast.lastArrivalNs() / 1e9)).isCloseTo(50, within(1e-5));
        int together = 0;
        for (int i = 1; i < 100; i++) {
            together += fast.arrivalNs(i) == fast.arrivalNs(i - 1) ? 1 : 0;
            assertThat(fast.promptTokens(i)).isEqualTo(slow.promptTokens(i));
            assertThat((double) fast.arrivalNs(i)).isCloseTo(slow.arrivalNs(i) / 10.0, within(2.0));
        }
        assertThat(together).isBetween(49, 50);
    }

    @Test
    void shouldScaleAllLengthsByTheFactorThatItsWordsName() throws IOException {
        final LiveWorkload workload = TraceWorkload.read("a trace", trace("a-conv.csv", 400), CONTEXT);

        final RequestStream requests = workload.requests(5, 100, SEED);

        assertThat(workload.words()).isEqualTo("a trace, lengths x 0.500 and at most 512");
        for (int i = 0; i < requests.size(); i++) {
            assertThat(requests.outputTokens(i)).isEqualTo(50);
            // Half of 924, and what is left of the context for those that are ten times as long.
            assertThat(requests.promptTokens(i)).isEqualTo(462);
        }
    }

    @Test
    void shouldHaveBurstsOfTheScatterThatIsAskedFor() {
        final RequestStream requests = new BurstWorkload(3, 32, 32).requests(10, 4_000, SEED);

        double squares = 0;
        for (int i = 1; i < requests.size(); i++) {
            final double gap = (requests.arrivalNs(i) - requests.arrivalNs(i - 1)) / 1e8 - 1;
            squares += gap * gap;
        }
        assertThat(requests.size() / (requests.lastArrivalNs() / 1e9)).isCloseTo(10, within(1e-5));
        assertThat(Math.sqrt(squares / requests.size())).isBetween(2.5, 3.5);
    }

    @Test
    void shouldFindTracesByTheirNamesAndRefuseWorkloadsThatAreNotThere() throws IOException {
        trace("AzureLLMInferenceTrace_conv.csv", 200);
        trace("AzureLLMInferenceTrace_code.csv", 200);

        assertThat(Workloads.in(directory, CONTEXT, List.of()))
                .extracting(LiveWorkload::key)
                .containsExactly("azure-conversation", "azure-code", "bursts");
        assertThat(Workloads.in(directory, CONTEXT, List.of("bursts", "code"))).hasSize(2);
        assertThatThrownBy(() -> Workloads.in(directory, CONTEXT, List.of("mooncake")))
                .isInstanceOf(PlanRefused.class)
                .hasMessageContaining("azure-conversation");
    }
}
