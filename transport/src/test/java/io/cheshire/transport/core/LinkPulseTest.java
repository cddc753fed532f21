package io.cheshire.transport.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkPulseTest {
    private static final long SUSPECT_AFTER_NS = 200;
    private final LinkPulse pulse = new LinkPulse(SUSPECT_AFTER_NS);

    @BeforeEach
    void linkUp() {
        pulse.reset(1_000);
    }

    @Test
    void shouldSuspectAPeerThatEchoesNothingNew() {
        beat(3);
        assertThat(pulse.onEcho(2, 1_050)).isFalse();
        assertThat(pulse.check(1_250)).isFalse();
        assertThat(pulse.check(1_251)).isTrue();
        assertThat(pulse.isSuspect()).isTrue();
        assertThat(pulse.check(1_300)).as("only once").isFalse();
    }

    @Test
    void shouldSuspectAPeerThatIsHeardButHearsNothing() {
        beat(1);
        pulse.onEcho(1, 1_010);
        for (long nowNs = 1_020; nowNs <= 1_210; nowNs += 10) {
            beat(1);
            pulse.onEcho(1, nowNs);
        }
        assertThat(pulse.check(1_211)).isTrue();
    }

    @Test
    void shouldClearASuspicionOnlyByAnEchoOfWhatWasSentSince() {
        beat(10);
        assertThat(pulse.check(1_201)).isTrue();
        assertThat(pulse.onEcho(10, 1_300))
                .as("what it had heard before it stopped")
                .isFalse();
        assertThat(pulse.isSuspect()).isTrue();
        beat(1);
        assertThat(pulse.onEcho(11, 1_310)).isTrue();
        assertThat(pulse.isSuspect()).isFalse();
        assertThat(pulse.check(1_510)).isFalse();
        assertThat(pulse.check(1_511)).isTrue();
    }

    @Test
    void shouldIgnoreEchoesOfWhatNobodySentAndOldOnes() {
        beat(2);
        assertThat(pulse.onEcho(3, 1_100)).isFalse();
        assertThat(pulse.check(1_201)).isTrue();
        beat(1);
        assertThat(pulse.onEcho(Long.MAX_VALUE, 1_202)).isFalse();
        assertThat(pulse.onEcho(1, 1_203)).isFalse();
        assertThat(pulse.onEcho(1, 1_204)).isFalse();
        assertThat(pulse.onEcho(3, 1_205)).isTrue();
    }

    @Test
    void shouldStartOverWithANewLink() {
        beat(5);
        pulse.check(2_000);
        pulse.reset(2_000);
        assertThat(pulse.isSuspect()).isFalse();
        assertThat(pulse.nextBeat()).isOne();
        assertThat(pulse.check(2_200)).isFalse();
    }

    private void beat(final int times) {
        for (int i = 0; i < times; i++) {
            pulse.sent();
        }
    }
}
