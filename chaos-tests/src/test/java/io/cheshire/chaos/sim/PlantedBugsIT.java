package io.cheshire.chaos.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.sim.world.Violation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A test of the tests: every planted bug must be found within the seeds that it is said to take. */
class PlantedBugsIT {
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldFindEachPlantedBug(final PlantedBug bug) {
        @Nullable Violation found = null;
        long seed = 0;
        final SimLogs silence = SimLogs.silence();
        try {
            while (found == null && seed < bug.withinSeeds()) {
                seed++;
                found = Simulation.run(seed, bug, false).violation();
            }
        } finally {
            silence.close();
        }

        assertThat(found).as(bug + " in " + bug.withinSeeds() + " seeds").isNotNull();
        System.out.println(bug + " found at seed " + seed + " by: " + found.invariant());
    }
}
