package io.cheshire.router.runtime.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaneStateTest {
    private static final Set<LaneState> FROM_EXCHANGE = EnumSet.allOf(LaneState.class);

    /** Every (from, to) pair is decided here. */
    private static final Map<LaneState, Set<LaneState>> MOVES = Map.of(
            LaneState.IDLE,
            EnumSet.of(LaneState.ATTENTION),
            LaneState.ATTENTION,
            EnumSet.of(LaneState.DISPATCHING, LaneState.IDLE),
            LaneState.DISPATCHING,
            FROM_EXCHANGE,
            LaneState.PARKED,
            FROM_EXCHANGE,
            LaneState.WAITING,
            FROM_EXCHANGE,
            LaneState.LOGITS,
            EnumSet.of(LaneState.IDLE));

    @Test
    void shouldMoveOnlyAlongItsTable() {
        for (final LaneState from : LaneState.values()) {
            for (final LaneState to : LaneState.values()) {
                final boolean allowed = from != to && MOVES.get(from).contains(to);
                assertThat(from.mayBecome(to)).as(from + " to " + to).isEqualTo(allowed);
            }
        }
    }
}
