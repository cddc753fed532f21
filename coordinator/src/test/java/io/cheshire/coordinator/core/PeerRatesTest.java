package io.cheshire.coordinator.core;

import static io.cheshire.coordinator.core.PeerRates.Verdict.DROP;
import static io.cheshire.coordinator.core.PeerRates.Verdict.DROP_AND_NOTE;
import static io.cheshire.coordinator.core.PeerRates.Verdict.LISTEN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PeerRatesTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void shouldListenToTheBurstAndThenToTheSteadyRate() {
        final PeerRates rates = new PeerRates(10, 3, 8);

        assertThat(IntStream.range(0, 5).mapToObj(i -> rates.offer("a", 0)))
                .containsExactly(LISTEN, LISTEN, LISTEN, DROP_AND_NOTE, DROP);
        assertThat(rates.offer("a", SECOND / 10)).isEqualTo(LISTEN);
        assertThat(rates.offer("a", SECOND / 10)).as("a flood is noted once").isEqualTo(DROP);
        assertThat(rates.offer("b", SECOND / 10)).as("another peer").isEqualTo(LISTEN);
    }

    @Test
    void shouldNoteAPeerAgainAfterItCalmedDown() {
        final PeerRates rates = new PeerRates(10, 2, 8);
        IntStream.range(0, 4).forEach(i -> rates.offer("a", 0));

        assertThat(IntStream.range(0, 3).mapToObj(i -> rates.offer("a", SECOND)))
                .containsExactly(LISTEN, LISTEN, DROP_AND_NOTE);
    }

    @Test
    void shouldForgetThePeerSilentForLongestWhenThereAreTooMany() {
        final PeerRates rates = new PeerRates(1, 1, 2);
        rates.offer("a", 0);
        rates.offer("b", 0);
        rates.offer("c", 0);

        assertThat(rates.offer("c", 0)).isEqualTo(DROP_AND_NOTE);
        assertThat(rates.offer("a", 0)).as("was forgotten").isEqualTo(LISTEN);
    }
}
