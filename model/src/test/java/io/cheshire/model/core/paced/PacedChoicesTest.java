package io.cheshire.model.core.paced;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PacedChoicesTest {
    private static final int EXPERTS = 16;
    private static final int ROWS = 16_000;

    @Test
    void shouldSpreadBothChoicesEvenlyAndNeverChooseOneTwice() {
        final int[] rows = new int[EXPERTS];
        for (int row = 0; row < ROWS; row++) {
            final int first = PacedChoices.first(row % 500, row, 3, EXPERTS);
            final int second = PacedChoices.second(row % 500, row, 3, EXPERTS, first);
            assertThat(second).isNotEqualTo(first).isBetween(0, EXPERTS - 1);
            rows[first]++;
            rows[second]++;
        }
        for (final int count : rows) {
            assertThat(count).as("of 2,000 rows an expert").isBetween(1_800, 2_200);
        }
    }

    @Test
    void shouldChooseOtherExpertsInOtherLayers() {
        long same = 0;
        for (int row = 0; row < ROWS; row++) {
            same += PacedChoices.first(7, row, 0, EXPERTS) == PacedChoices.first(7, row, 1, EXPERTS) ? 1 : 0;
        }
        assertThat(same).as("of 1,000 by chance").isBetween(850L, 1_150L);
    }
}
