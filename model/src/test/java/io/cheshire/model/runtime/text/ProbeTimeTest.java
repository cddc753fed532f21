package io.cheshire.model.runtime.text;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.protocol.ModelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProbeTimeTest {
    private static final Duration BUDGET = Duration.ofSeconds(5);

    private long ranNs;
    private long nowNs;

    private final ProbeTime time = new ProbeTime(BUDGET, () -> ranNs, () -> nowNs);

    private void look(final long afterSeconds, final long onACoreMs) {
        nowNs = Duration.ofSeconds(afterSeconds).toNanos();
        ranNs = Duration.ofMillis(onACoreMs).toNanos();
        time.look();
    }

    @Test
    void shouldCountOnlyTimeOnACoreWhenTheHostIsBusy() {
        assertThatCode(() -> look(90, 4_900)).doesNotThrowAnyException();
    }

    @Test
    void shouldRefuseATokenizerThatTakesACoreForTooLong() {
        assertThatThrownBy(() -> look(6, 5_100))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("5000 ms of a core")
                .hasMessageContaining("too slow");
    }

    @Test
    void shouldRefuseWhatWaitsForEver() {
        assertThatThrownBy(() -> look(101, 20))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("longer than 100000 ms, 20 ms of it on a core");
    }

    @Test
    void shouldGoByTheClockWhereTheSystemKnowsNothingOfThreads() {
        assertThatCode(() -> {
                    nowNs = Duration.ofSeconds(99).toNanos();
                    ranNs = -1;
                    time.look();
                })
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> {
                    nowNs = Duration.ofSeconds(101).toNanos();
                    time.look();
                })
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("doesn't say");
    }
}
