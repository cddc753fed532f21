package io.cheshire.benchmarks.micro;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.benchmarks.micro.MicroBenchmarks.Name;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** Each benchmark runs, once and very shortly. */
class MicroBenchmarksIT {
    @ParameterizedTest
    @EnumSource
    void shouldRun(final Name name) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final int status = new CommandLine(new MicroBenchmarks(new PrintStream(out, true, StandardCharsets.UTF_8)))
                .execute("--quick", name.name());

        assertThat(status).isZero();
        switch (name) {
            case ffn -> assertThat(out.toString(StandardCharsets.UTF_8)).contains("expert FFN in bf16", "of memory");
            case roundtrip ->
                assertThat(out.toString(StandardCharsets.UTF_8))
                        .contains(
                                "one thread      ipc",
                                "one thread      udp",
                                "two processes   ipc",
                                "two processes   udp");
            case gate, frames, sampler, masks, split, placement -> {}
        }
    }
}
