package io.cheshire.coordinator.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.UnitTraffic;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrafficWindowsTest {
    private final TrafficWindows windows = new TrafficWindows(1, 2);

    @Test
    void shouldCountWhatAllRoutersSentSinceTheWindowBefore() {
        assertThat(windows.accept(0, 7, traffic(10, 1, 2, 1))).isTrue();
        assertThat(windows.accept(1, 8, traffic(5, 0, 1, 0))).isTrue();
        final LoadWindow first = windows.close();
        assertThat(first.rows(0, 0)).isEqualTo(15);
        assertThat(first.activations(0, 0)).isEqualTo(3);
        windows.accept(0, 7, traffic(12, 4, 3, 2));
        windows.accept(0, 7, traffic(13, 4, 4, 2));
        final LoadWindow second = windows.close();
        assertThat(second.rows(0, 0)).isEqualTo(3);
        assertThat(second.rows(0, 1)).isEqualTo(3);
        assertThat(second.totalRows()).isEqualTo(6);
        assertThat(windows.close().totalRows()).isZero();
    }

    @Test
    void shouldCountARestartedRouterFromZero() {
        windows.accept(0, 7, traffic(10, 1, 2, 1));
        windows.close();
        windows.accept(0, 9, traffic(3, 0, 1, 0));
        assertThat(windows.close().rows(0, 0)).isEqualTo(3);
    }

    @Test
    void shouldRefuseCountersOfAnotherModelAndOnesThatWentBack() {
        assertThat(windows.accept(0, 7, new UnitTraffic(List.of(1L), List.of(1L))))
                .isFalse();
        windows.accept(0, 7, traffic(10, 1, 2, 1));
        assertThat(windows.accept(0, 7, traffic(9, 1, 2, 1))).isFalse();
        assertThat(windows.close().rows(0, 0)).isEqualTo(10);
    }

    @Test
    void shouldForgetRoutersThatAreGone() {
        windows.accept(0, 7, traffic(10, 1, 2, 1));
        windows.retain(Set.of());
        windows.close();
        windows.accept(0, 7, traffic(10, 1, 2, 1));
        assertThat(windows.close().rows(0, 0)).isEqualTo(10);
    }

    private static UnitTraffic traffic(final long a, final long b, final long activeA, final long activeB) {
        return new UnitTraffic(List.of(a, b), List.of(activeA, activeB));
    }
}
