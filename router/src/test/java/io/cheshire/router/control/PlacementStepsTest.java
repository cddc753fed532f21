package io.cheshire.router.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.core.MachineTables;
import io.cheshire.coordinator.core.PlacementMachine;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The first table in the placement machine's comment: in whatever way the members of a small cluster come, go and fail,
 * no other steps are met.
 */
class PlacementStepsTest {
    private static final int WALKS = 200;
    private static final int ACTIONS_PER_WALK = 150;

    @Test
    void shouldTakeNoStepThatTheCommentDoesntList() {
        final SortedSet<String> listed = new TreeSet<>();
        MachineTables.rows(PlacementMachine.class, 0, 3).forEach(row -> listed.add(row.get(0) + " -> " + row.get(1)));
        final SortedSet<String> met = new TreeSet<>();
        for (long seed = 1; seed <= WALKS; seed++) {
            final Random random = new Random(seed);
            final ControlRig rig = new ControlRig(1 + random.nextInt(3), 4 + random.nextInt(20), 1 + random.nextInt(2));
            rig.watch((before, after) -> {
                if (before != after) {
                    met.add(before + " -> " + after);
                }
            });
            for (int i = 0; i < ACTIONS_PER_WALK; i++) {
                PlacementMachineProperties.anyAction(random).on(rig);
            }
        }

        assertThat(listed).containsAll(met);
    }
}
