package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StrangerJudgeTest {
    private static final long PATIENCE_NS = 100;
    /** Near the end of 64 bits, not a constant for the compiler to reckon with. */
    private final long startNs = Long.parseLong("9223372036854775757");

    private final StrangerJudge judge = new StrangerJudge(PATIENCE_NS);

    @Test
    void shouldTakeAProcessForAStrangerWhenAllHaveDeniedItForLongEnough() {
        assertThat(judge.onAnswer(false, startNs)).isFalse();
        assertThat(judge.onAnswer(false, startNs + 1)).isFalse();
        assertThat(judge.onAnswer(false, startNs + 99)).isFalse();
        assertThat(judge.onAnswer(false, startNs + 100)).isTrue();
    }

    @Test
    void shouldWantSeveralAnswersHoweverLongItTakes() {
        assertThat(judge.onAnswer(false, startNs)).isFalse();
        assertThat(judge.onAnswer(false, startNs + 1000)).isFalse();
        assertThat(judge.onAnswer(false, startNs + 2000)).isTrue();
    }

    @Test
    void shouldBeginAnewWhenOneKnowsTheProcess() {
        judge.onAnswer(false, startNs);
        judge.onAnswer(false, startNs + 1);
        assertThat(judge.onAnswer(true, startNs + 90)).isFalse();
        assertThat(judge.onAnswer(false, startNs + 110)).isFalse();
        assertThat(judge.onAnswer(false, startNs + 111)).isFalse();
        assertThat(judge.onAnswer(false, startNs + 209)).isFalse();
        assertThat(judge.onAnswer(false, startNs + 210)).isTrue();
    }
}
