package io.cheshire.router.core.speculate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** When guessed tokens pay. Costs of Phi-3.5-MoE's shape in bf16, in millions of weights. */
class DraftRuleTest {
    private static final StepCost PHI = new StepCost(1_477, 2_516.6, 16, 2);

    private static int taken(final StepCost cost, final int rows, final double chance) {
        final DraftRule rule = new DraftRule(cost);
        rule.beginStep(rows);
        return rule.take(chance, 8);
    }

    @Test
    void shouldCountTheExpertsThatRowsChooseTogether() {
        assertThat(PHI.chosen(1)).isCloseTo(2, within(1e-9));
        assertThat(PHI.chosen(2)).isCloseTo(3.75, within(1e-9));
        assertThat(PHI.chosen(1) + PHI.added(1)).isCloseTo(PHI.chosen(2), within(1e-9));
        assertThat(PHI.chosen(1000)).isCloseTo(16, within(1e-9));
    }

    @Test
    void shouldGuessWhereGuessesAreRightAndNotWhereTheyAreWrong() {
        assertThat(taken(PHI, 1, 0.95)).isPositive();
        assertThat(taken(PHI, 1, 0.3)).isZero();
        assertThat(taken(PHI, 1, 0.99)).isGreaterThanOrEqualTo(taken(PHI, 1, 0.9));
    }

    /** Where all weights are read at any rate, a row costs little more than itself. */
    @Test
    void shouldGuessMoreWhereRowsShareTheirExperts() {
        assertThat(taken(new StepCost(1_477, 2_516.6, 2, 2), 1, 0.6)).isGreaterThan(taken(PHI, 1, 0.6));
    }

    @Test
    void shouldKeepBooksOfAStepsRows() {
        final DraftRule rule = new DraftRule(PHI);
        rule.beginStep(2);
        final int first = rule.take(0.9, 8);
        assertThat(rule.take(0.9, first)).as("a second sequence like the first").isLessThanOrEqualTo(first);
        assertThat(rule.take(0, 8)).isZero();
        assertThat(rule.take(0.9, 0)).isZero();
    }

    @Test
    void shouldGuessMoreOnceGuessedRowsWereSeenToAddFewExperts() {
        final DraftRule rule = new DraftRule(PHI);
        rule.beginStep(1);
        final int before = rule.take(0.7, 8);
        for (int i = 0; i < 100; i++) {
            rule.counted(1, 4, 0.5);
        }
        assertThat(rule.scale()).isCloseTo(0.25, within(0.01));
        rule.beginStep(1);
        assertThat(rule.take(0.7, 8)).isGreaterThan(before);
        rule.counted(200, 1, 5);
        assertThat(rule.scale()).as("nothing was expected there").isCloseTo(0.25, within(0.01));
    }

    @Test
    void shouldLoseTrustWithWrongGuessesAndFindItAgain() {
        final Acceptance acceptance = new Acceptance();
        assertThat(acceptance.chance()).isCloseTo(Acceptance.TRUST, within(1e-9));
        for (int i = 0; i < 4; i++) {
            acceptance.tried(7, 0);
        }
        assertThat(acceptance.chance()).isEqualTo(0.4, within(1e-9));
        for (int i = 0; i < 500; i++) {
            acceptance.passedOver();
        }
        assertThat(acceptance.chance()).isCloseTo(Acceptance.TRUST, within(0.01));
        for (int i = 0; i < 1000; i++) {
            acceptance.tried(7, 7);
        }
        assertThat(acceptance.chance()).isLessThanOrEqualTo(1).isGreaterThan(0.99);
        acceptance.tried(7, 0);
        assertThat(acceptance.chance()).as("what is long ago fades").isLessThan(0.98);
    }
}
