package io.cheshire.planner.runtime.exact;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DozingTest {
    private static final long MS = 1_000_000;

    @Test
    void shouldSeeAtOnceWhatComesSoonAfterWork() {
        assertThat(Dozing.untilNextLookNs(0)).isZero();
        assertThat(Dozing.untilNextLookNs(19_000)).isZero();
    }

    @Test
    void shouldSeeWhatComesAtTheEndOfTheParkInWhichItComes() {
        // After 20 us awake it parks for 1, 2, 4 us, each with the timer's 55 us.
        assertThat(Dozing.untilNextLookNs(20_000)).isEqualTo(56_000);
        assertThat(Dozing.untilNextLookNs(70_000)).isEqualTo(6_000);
        assertThat(Dozing.untilNextLookNs(76_000)).isEqualTo(57_000);
    }

    @Test
    void shouldSleepForAMillisecondAfterSomeAndForFiveAfterHalfASecond() {
        long longest = 0;
        long rest = 0;
        for (long idleNs = 10 * MS; idleNs < 400 * MS; idleNs += 7_919) {
            longest = Math.max(longest, Dozing.untilNextLookNs(idleNs));
        }
        for (long idleNs = 600 * MS; idleNs < 1_000 * MS; idleNs += 7_919) {
            rest = Math.max(rest, Dozing.untilNextLookNs(idleNs));
        }
        assertThat(longest).isBetween(1_040_000L, 1_055_000L);
        assertThat(rest).isBetween(5_040_000L, 5_055_000L);
    }

    /** Looks that are left out change nothing, so long as those that are played are looks. */
    @Test
    void shouldPlayOnlyLooksThatThereAre() {
        for (long idleNs = 0; idleNs < 20 * MS; idleNs += 3_331) {
            final long look = Dozing.lookWithinNs(idleNs, MS);
            assertThat(Dozing.untilNextLookNs(idleNs + look - 1))
                    .as("idle for %d ns", idleNs)
                    .isLessThanOrEqualTo(1);
        }
    }
}
