package io.cheshire.transport.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A frame counts once, however late and however often it comes. */
class ReplayWindowTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261129L);

    @Test
    void shouldTakeEachNumberOnceWhenFramesAreReordered() {
        final SplittableRandom random = new SplittableRandom(SEED);
        final ReplayWindow window = new ReplayWindow();
        final Set<Long> taken = new HashSet<>();
        long highest = 0;
        for (int i = 0; i < 100_000; i++) {
            final long number = highest + random.nextLong(-80, 4);
            final boolean expected = number > highest
                    || (number >= 1 && highest - number < ReplayWindow.WIDTH && !taken.contains(number));
            assertThat(window.accept(number))
                    .as("seed %d, step %d, number %d", SEED, i, number)
                    .isEqualTo(expected);
            if (expected) {
                taken.add(number);
                highest = Math.max(highest, number);
            }
        }
    }

    @Test
    void shouldTakeWhatIsFarAheadAndNothingFarBehind() {
        final ReplayWindow window = new ReplayWindow();
        assertThat(window.accept(0)).isFalse();
        assertThat(window.accept(-1)).isFalse();
        assertThat(window.accept(Long.MAX_VALUE - 64)).isTrue();
        assertThat(window.accept(1)).isFalse();
        assertThat(window.accept(Long.MAX_VALUE)).isTrue();
        assertThat(window.accept(Long.MAX_VALUE - 64)).isFalse();
        assertThat(window.accept(Long.MAX_VALUE - 63)).isTrue();
        assertThat(window.accept(Long.MAX_VALUE)).isFalse();
    }
}
