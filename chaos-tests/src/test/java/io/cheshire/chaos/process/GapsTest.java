package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 10, unit = TimeUnit.SECONDS)
class GapsTest {
    private static final List<StreamTrace> TRACES =
            List.of(trace(0, 500, 510, 520), trace(100, 400, 650, 660), trace(100, 101, 102, 103));

    @Test
    void shouldTakeTheLongestGapOfAnyStreamThatEndedAfterTheHarm() {
        assertThat(Gaps.longestSince(0, TRACES)).isEqualTo(new Gaps.Gap(0, 500));
        assertThat(Gaps.longestSince(499, TRACES)).as("it spans the harm").isEqualTo(new Gaps.Gap(0, 500));
        assertThat(Gaps.longestSince(500, TRACES)).isEqualTo(new Gaps.Gap(400, 650));
        assertThat(Gaps.longestSince(655, TRACES)).isEqualTo(new Gaps.Gap(650, 660));
    }

    @Test
    void shouldHaveNoGapAfterTheLastToken() {
        assertThat(Gaps.longestSince(660, TRACES).lengthNs()).isZero();
    }

    private static StreamTrace trace(final long... arrivalsNs) {
        return new StreamTrace(
                List.of(), java.util.Arrays.stream(arrivalsNs).boxed().toList(), null);
    }
}
