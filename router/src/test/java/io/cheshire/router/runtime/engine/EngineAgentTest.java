package io.cheshire.router.runtime.engine;

import static io.cheshire.router.runtime.engine.EngineRig.config;
import static io.cheshire.router.runtime.engine.EngineRig.greedy;
import static io.cheshire.router.runtime.engine.EngineRig.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.GenerationListener.FinishReason;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineAgentTest {
    @Test
    void shouldGenerateWhatTheModelInOneProcessGenerates() {
        final FakeExperts experts = new FakeExperts(Precision.FP32, 64, 1);
        try (EngineRig rig = new EngineRig(config(Map.of()), 64, experts).place(8)) {
            final Recorder recorder = rig.submit(greedy(prompt(12), 20));

            rig.runAll();

            assertThat(recorder.finished).isEqualTo(FinishReason.LENGTH);
            assertThat(recorder.tokens).isEqualTo(Oracle.greedy(prompt(12), 20));
            rig.assertNothingLeaks();
        }
    }
}
