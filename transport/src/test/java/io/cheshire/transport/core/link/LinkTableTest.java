package io.cheshire.transport.core.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.testing.TransitionTable;
import org.junit.jupiter.api.Test;

/** The tables in the comments of both ends' states are the code's. */
class LinkTableTest {
    @Test
    void shouldMoveARoutersLinkOnlyAlongItsTable() {
        assertThat(TransitionTable.of(RouterEndState.class)
                        .differences(RouterEndState.class, RouterEndState::mayBecome))
                .isEmpty();
    }

    @Test
    void shouldMoveANodesLinkOnlyAlongItsTable() {
        assertThat(TransitionTable.of(NodeEndState.class).differences(NodeEndState.class, NodeEndState::mayBecome))
                .isEmpty();
    }
}
