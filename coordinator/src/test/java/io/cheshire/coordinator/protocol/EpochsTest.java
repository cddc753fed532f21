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

    /** Whatever peers say, there is a next epoch. */
    @Property(tries = 500)
    void shouldHaveANextEpochAboveWhateverIsPlausible(
            @ForAll final long said, @ForAll @LongRange(min = 0, max = 1L << 42) final long ownRound) {
        final long own = ownRound == 0 ? 0 : Epochs.of(ownRound, 1);
        if (Epochs.isPlausible(said, own)) {
            assertThat(Epochs.next(Math.max(said, own), 1)).isGreaterThan(said);
        }
    }

    @Test
    void shouldFindPlausibleWhatClustersReach() {
        assertThat(Epochs.isPlausible(0, 0)).isTrue();
        assertThat(Epochs.isPlausible(Epochs.of(1_000_000_000, 1), 0))
                .as("30 years of one a second")
                .isTrue();
        assertThat(Epochs.isPlausible(-1, 0)).isFalse();
        assertThat(Epochs.isPlausible(Long.MAX_VALUE, 0)).isFalse();
        assertThat(Epochs.isPlausible(Epochs.of(1L << 42, 1), 0)).isFalse();
    }

    @Test
    void shouldRefuseRoundsThatDontFit() {
        assertThatThrownBy(() -> Epochs.of(0, 1)).hasMessageContaining("round 0");
        assertThatThrownBy(() -> Epochs.of(1L << 43, 1)).hasMessageContaining("2^43");
    }
}
