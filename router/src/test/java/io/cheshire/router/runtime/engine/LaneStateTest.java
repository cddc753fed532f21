package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.testing.TransitionTable;
import org.junit.jupiter.api.Test;

class LaneStateTest {
    @Test
    void shouldMoveOnlyAlongItsTable() {
        assertThat(TransitionTable.of(LaneState.class).differences(LaneState.class, LaneState::mayBecome))
                .isEmpty();
    }
}
