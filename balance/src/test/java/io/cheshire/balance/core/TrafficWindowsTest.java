package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrafficWindowsTest {
    private final TrafficWindows windows = new TrafficWindows(1, 2);

    @Test
    void shouldCountWhatAllRoutersSentSinceTheWindowBefore() {
        assertThat(windows.accept(0, 7, List.of(10L, 1L), List.of(2L, 1L))).isTrue();
        assertThat(windows.accept(1, 8, List.of(5L, 0L), List.of(1L, 0L))).isTrue();
        final LoadWindow first = windows.close();
        assertThat(first.rows(0, 0)).isEqualTo(15);
        assertThat(first.activations(0, 0)).isEqualTo(3);
        windows.accept(0, 7, List.of(12L, 4L), List.of(3L, 2L));
        windows.accept(0, 7, List.of(13L, 4L), List.of(4L, 2L));
        final LoadWindow second = windows.close();
        assertThat(second.rows(0, 0)).isEqualTo(3);
        assertThat(second.rows(0, 1)).isEqualTo(3);
        assertThat(second.totalRows()).isEqualTo(6);
        assertThat(windows.close().totalRows()).isZero();
    }

    @Test
    void shouldCountARestartedRouterFromZero() {
        windows.accept(0, 7, List.of(10L, 1L), List.of(2L, 1L));
        windows.close();
        windows.accept(0, 9, List.of(3L, 0L), List.of(1L, 0L));
        assertThat(windows.close().rows(0, 0)).isEqualTo(3);
    }

    @Test
    void shouldRefuseCountersOfAnotherModelAndOnesThatWentBack() {
        assertThat(windows.accept(0, 7, List.of(1L), List.of(1L))).isFalse();
        windows.accept(0, 7, List.of(10L, 1L), List.of(2L, 1L));
        assertThat(windows.accept(0, 7, List.of(9L, 1L), List.of(2L, 1L))).isFalse();
        assertThat(windows.close().rows(0, 0)).isEqualTo(10);
    }

    @Test
    void shouldForgetRoutersThatAreGone() {
        windows.accept(0, 7, List.of(10L, 1L), List.of(2L, 1L));
        windows.retain(Set.of());
        windows.close();
        windows.accept(0, 7, List.of(10L, 1L), List.of(2L, 1L));
        assertThat(windows.close().rows(0, 0)).isEqualTo(10);
    }
}
