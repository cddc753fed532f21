package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BusyTimeTest {
    private static final long T = Long.MAX_VALUE - 20; // a monotonic clock may count from anywhere, and over its end

    private final BusyTime busy = new BusyTime();

    @Test
    void shouldCountCallsThatFollowEachOtherWhole() {
        assertThat(busy.add(T, T + 10)).isEqualTo(10);
        assertThat(busy.add(T + 10, T + 15)).isEqualTo(5);
        assertThat(busy.add(T + 40, T + 50))
                .as("after a pause, over the clock's end")
                .isEqualTo(10);
    }

    @Test
    void shouldCountTimeThatCallsShareOnce() {
        assertThat(busy.add(T, T + 10)).isEqualTo(10);
        assertThat(busy.add(T + 4, T + 16)).isEqualTo(6);
        assertThat(busy.add(T + 2, T + 18)).as("begun before the others").isEqualTo(2);
        assertThat(busy.add(T + 3, T + 18)).as("ended with another").isZero();
    }
}
