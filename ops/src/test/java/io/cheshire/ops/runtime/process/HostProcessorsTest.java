package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.core.KernelThreads.Processors;
import org.junit.jupiter.api.Test;

class HostProcessorsTest {
    @Test
    void shouldKnowThisHost() {
        final Processors now = HostProcessors.now();

        assertThat(now.counted()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(now.machine()).isNotNegative();
    }
}
