package io.cheshire.planner.core.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UseBookTest {
    private static final long SEED = Long.getLong("cheshire.test.seed", 20261130);

    @Test
    void shouldShareWorkAmongTheBinsThatItLiesIn() {
        final UseBook book = new UseBook(2);
        book.add(0, 500_000, 2_250_000);

        final DeviceUse use = book.shown(List.of("node 0", "router 0"));

        assertThat(use.binSeconds()).isEqualTo(1e-3);
        assertThat(use.devices().getFirst().busy()).containsExactly(0.5, 1.0, 1.0);
        assertThat(use.devices().getLast().busy()).containsOnly(0.0);
    }

    /** An hour in some dozens of bins, and nothing of it lost. */
    @Test
    void shouldLoseNoTimeWhileItsBinsGetLonger() {
        final UseBook book = new UseBook(1);
        final SplittableRandom random = new SplittableRandom(SEED);
        long atNs = 0;
        long busyNs = 0;
        while (atNs < 3_600_000_000_000L) {
            final long workNs = random.nextLong(1, 2_000_000_000L);
            book.add(0, atNs, atNs + workNs);
            busyNs += workNs;
            atNs += workNs + random.nextLong(1_000_000_000L);
        }

        final DeviceUse use = book.shown(List.of("node 0"));
        final DeviceUse.Device device = use.devices().getFirst();

        assertThat(device.busy()).as("seed %d", SEED).hasSizeBetween(UseBook.BINS / 2, UseBook.BINS);
        // The last bin is shorter than the others.
        assertThat(device.mean() * device.busy().size() * use.binSeconds())
                .isCloseTo(busyNs * 1e-9, within(use.binSeconds()));
    }
}
