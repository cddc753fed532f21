package io.cheshire.benchmarks.serve.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SweepTest {
    /** A server that keeps its promises up to a rate, keeps up to half as much again, and then falls behind. */
    private static Sweep swept(final double capacity, final double from) {
        final Sweep sweep = new Sweep(from);
        for (OptionalDouble rate = sweep.next(); rate.isPresent(); rate = sweep.next()) {
            final double asked = rate.getAsDouble();
            sweep.ran(new Sweep.Step(
                    asked,
                    asked <= capacity ? 1 : 0.5,
                    Math.min(asked, 1.5 * capacity),
                    asked <= capacity ? 100 : 250,
                    120,
                    20,
                    50 * asked));
        }
        return sweep;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 1, 7.7, 64, 900})
    void shouldFindTheKneeWithinThreePercentWhereverItBegins(final double from) {
        final Sweep sweep = swept(23.4, from);
        assertThat(sweep.knee()).isBetween(23.4 / 1.03, 23.4);
        assertThat(sweep.steps().size()).isLessThanOrEqualTo(24);
    }

    @Test
    void shouldTellABacklogFromAnOverload() {
        final Sweep sweep = swept(10, 9.9);
        assertThat(sweep.steps().stream().map(sweep::state)).contains(LoadState.STABLE, LoadState.OVERLOADED);
        assertThat(sweep.state(new Sweep.Step(12, 0.5, 11.9, 201, 300, 1, 1))).isEqualTo(LoadState.BACKLOGGED);
        assertThat(sweep.state(new Sweep.Step(12, 0.5, 11.9, 199, 300, 1, 1))).isEqualTo(LoadState.STABLE);
        assertThat(sweep.table()).contains("knee: ");
    }
}
