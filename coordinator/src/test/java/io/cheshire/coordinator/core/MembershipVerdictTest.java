package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterStanding;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembershipVerdictTest {
    private static final long PATIENCE_NS = 100;
    /** Near the end of 64 bits, not a constant for the compiler to reckon with. */
    private final long startNs = Long.parseLong("9223372036854775757");

    private final MembershipVerdict judge = new MembershipVerdict(PATIENCE_NS);

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

    @Test
    void shouldEndTheProcessesOfTheLesserOfTwoClustersWhateverItsOwnMembersSay() {
        assertThat(judge.onRival(true, startNs)).isFalse();
        assertThat(judge.onAnswer(true, startNs + 1)).isFalse();
        assertThat(judge.onRival(true, startNs + 2)).isFalse();
        assertThat(judge.onRival(true, startNs + 100)).isTrue();
        assertThat(judge.onRival(false, startNs + 101)).isFalse();
    }

    @Test
    void shouldHaveExactlyOneOfTwoClustersGiveWay() {
        final List<ClusterStanding> standings =
                List.of(new ClusterStanding(1, "a"), new ClusterStanding(1, "b"), new ClusterStanding(3, "c"));
        for (final ClusterStanding one : standings) {
            for (final ClusterStanding other : standings) {
                if (!one.equals(other)) {
                    assertThat(one.yieldsTo(other)).isNotEqualTo(other.yieldsTo(one));
                }
            }
        }
        assertThat(standings.get(1).yieldsTo(standings.getLast())).isTrue();
        assertThat(standings.get(1).yieldsTo(standings.getFirst())).isTrue();
    }
}
