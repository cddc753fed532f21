package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.ops.core.KernelThreads.Processors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostProcessorsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0-127 | 128", "0 | 1", "0-3,8-11 | 8", "0,2,4-5 | 4"})
    void shouldCountWhatTheKernelLists(final String ranges, final int count) {
        assertThat(HostProcessors.count(ranges)).isEqualTo(count);
    }

    @Test
    void shouldKnowThisHost() {
        final Processors now = HostProcessors.now();

        assertThat(now.counted()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(now.machine()).isNotNegative();
    }
}
