package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The example of the published README, and the same input without groups. */
class EplbTest {
    private static final float[][] WEIGHTS = {
        {90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86},
        {20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27}
    };

    @Test
    void shouldGiveThePublishedHierarchicalMap() {
        assertThat(Eplb.rebalance(WEIGHTS, 16, 4, 2, 8)).isDeepEqualTo(new int[][] {
            {5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1}, {7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1}
        });
    }

    @Test
    void shouldGiveTheGlobalMapWhereGroupsDoNotDivide() {
        final int[][] global = {
            {10, 6, 10, 7, 0, 2, 11, 4, 5, 9, 5, 4, 8, 3, 1, 1}, {1, 10, 2, 4, 5, 11, 5, 0, 6, 7, 6, 3, 8, 8, 9, 7}
        };
        assertThat(Eplb.rebalance(WEIGHTS, 16, 1, 1, 8)).isDeepEqualTo(global);
        assertThat(Eplb.rebalance(WEIGHTS, 16, 3, 2, 8)).isDeepEqualTo(global);
    }

    @Test
    void shouldRefuseWhatItCannotDivide() {
        assertThatThrownBy(() -> Eplb.rebalance(WEIGHTS, 15, 1, 1, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("15 replicas");
    }
}
