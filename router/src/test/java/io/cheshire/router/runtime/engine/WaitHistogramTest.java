package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WaitHistogramTest {
    private final WaitHistogram waits = new WaitHistogram();

    @Test
    void shouldPutEachWaitIntoTheFirstClassThatHoldsIt() {
        waits.record(50_000);
        waits.record(50_001);
        waits.record(3_600_000_000_000L);

        assertThat(waits.count(0)).as("the upper end belongs to it").isEqualTo(1);
        assertThat(waits.count(1)).isEqualTo(1);
        assertThat(waits.count(waits.classes() - 1)).as("longer than any").isEqualTo(1);
        assertThat(waits.upToNs(waits.classes() - 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(waits.sumNs()).isEqualTo(3_600_000_100_001L);
    }
}
