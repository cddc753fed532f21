package io.cheshire.ops.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartPauseTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private final RestartPause pause = new RestartPause(Duration.ofSeconds(3), 0);

    @Test
    void shouldDoubleWithEachEndThatComesSoonAndBeginAnewAfterALongLife() {
        assertThat(pause.length()).hasSeconds(3);
        assertThat(pause.after(SOON).length()).hasSeconds(3);
        assertThat(pause.after(SOON).after(SOON).length()).hasSeconds(6);
        assertThat(pause.after(SOON).after(SOON).after(SOON).length()).hasSeconds(12);
        assertThat(pause.after(SOON).after(SOON).after(Duration.ofHours(1)).length())
                .hasSeconds(3);
    }

    @Test
    void shouldStopGrowingAndNeverShortenWhatWasAskedFor() {
        RestartPause many = pause;
        for (int i = 0; i < 1000; i++) {
            many = many.after(SOON);
        }
        assertThat(many.length()).isEqualTo(RestartPause.LONGEST);
        assertThat(new RestartPause(Duration.ofHours(1), 50).length()).hasHours(1);
    }
}
