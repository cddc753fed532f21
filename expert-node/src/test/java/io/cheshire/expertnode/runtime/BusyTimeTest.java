package io.cheshire.expertnode.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BusyTimeTest {
    private long t = Long.MAX_VALUE - 20; // a monotonic clock may count from anywhere, and over its end

    private final BusyTime busy = new BusyTime();

    @Test
    void shouldCountCallsThatFollowEachOtherWhole() {
        assertThat(busy.add(t, t + 10)).isEqualTo(10);
        assertThat(busy.add(t + 10, t + 15)).isEqualTo(5);
        assertThat(busy.add(t + 40, t + 50))
                .as("after a pause, over the clock's end")
                .isEqualTo(10);
    }

    @Test
    void shouldCountTimeThatCallsShareOnce() {
        assertThat(busy.add(t, t + 10)).isEqualTo(10);
        assertThat(busy.add(t + 4, t + 16)).isEqualTo(6);
        assertThat(busy.add(t + 2, t + 18)).as("begun before the others").isEqualTo(2);
        assertThat(busy.add(t + 3, t + 18)).as("ended with another").isZero();
    }
}
