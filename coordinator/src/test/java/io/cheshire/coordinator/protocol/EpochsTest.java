package io.cheshire.coordinator.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class EpochsTest {
    @Property(tries = 500)
    void shouldGrowAndNeverMeetAnotherPublishersNumber(
            @ForAll @LongRange(min = 0, max = 1L << 50) final long above,
            @ForAll @LongRange(min = 1) final long publisher,
            @ForAll @LongRange(min = 1) final long other,
            @ForAll @LongRange(min = 1, max = 1L << 30) final long round) {
        final long next = Epochs.next(above, publisher);
        assertThat(next).isGreaterThan(above);
        assertThat(Epochs.round(next)).isEqualTo(Epochs.round(above) + 1);
        if ((publisher - other) % (1 << 20) != 0) {
            assertThat(next).isNotEqualTo(Epochs.of(round, other)).isNotEqualTo(Epochs.next(above, other));
        }
    }

    @Test
    void shouldBeShortForPeople() {
        assertThat(Epochs.text(0)).isEqualTo("0");
        assertThat(Epochs.text(Epochs.of(12, 0x70a3f7L))).isEqualTo("12.0a3f7");
        assertThat((long) (double) Epochs.of((1L << 33) - 1, 0xFFFFF))
                .as("kept whole by a double")
                .isEqualTo(Epochs.of((1L << 33) - 1, 0xFFFFF));
    }

    @Test
    void shouldRefuseRoundsThatDontFit() {
        assertThatThrownBy(() -> Epochs.of(0, 1)).hasMessageContaining("round 0");
        assertThatThrownBy(() -> Epochs.of(1L << 43, 1)).hasMessageContaining("2^43");
    }
}
