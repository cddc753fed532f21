package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ControlMessage;
import java.util.ArrayList;
import java.util.List;

/** One input of a coordinator's life being decided at {@code nowNs}, and the effects so far. */
record Turn<M>(long nowNs, List<CoordinatorEffect<M>> effects) {
    Turn(final long nowNs) {
        this(nowNs, new ArrayList<>());
    }

    void add(final CoordinatorEffect<M> effect) {
        effects.add(effect);
    }

    void tell(final M to, final ControlMessage message) {
        effects.add(new CoordinatorEffect.Tell<>(to, message));
    }
}
