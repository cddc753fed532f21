package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BusyWindowTest {
    private static final long S = 1_000_000_000L;

    private final BusyWindow window = new BusyWindow(2);

    @Test
    void shouldForgetWhatLiesBeforeTheWindow() {
        assertThat(window.ratio()).isZero();
        window.look(0, 0);
        assertThat(window.ratio()).as("nothing to compare with").isZero();
        window.look(2 * S, 2 * S);
        assertThat(window.ratio()).isEqualTo(1);
        window.look(4 * S, 2 * S);
        assertThat(window.ratio()).isEqualTo(0.5);
        window.look(6 * S, 2 * S);
        assertThat(window.ratio()).as("two looks back it was idle already").isZero();
    }
}
