package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.OperatorRequest;
import java.util.HashMap;
import java.util.Map;

/** Which drains end by themselves: the latest word on a node counts, so that no old timer ends a newer drain. */
final class DrainEndings {
    private final Map<Integer, Long> numbers = new HashMap<>();
    private long last;

    /** A drain that ends by itself begins; returns its number. */
    long begin(final int nodeId) {
        numbers.put(nodeId, ++last);
        return last;
    }

    /** Somebody drains the node without end, or undrains it. */
    void supersededBy(final OperatorRequest.Wish wish) {
        switch (wish) {
            case final OperatorRequest.Drain drain -> numbers.remove(drain.nodeId());
            case final OperatorRequest.Undrain undrain -> numbers.remove(undrain.nodeId());
            case OperatorRequest.Move _, OperatorRequest.Replicas _ -> {
                // Says nothing about drains.
            }
        }
    }

    /** Its time is over; returns whether it still counts. */
    boolean end(final int nodeId, final long number) {
        return numbers.remove(nodeId, number);
    }
}
