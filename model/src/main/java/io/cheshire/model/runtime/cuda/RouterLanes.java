package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.LaneBuffers;
import java.util.IdentityHashMap;
import java.util.function.Supplier;

/** The lanes that a router's kernel serves, each with memory of its own from its first step on; the first from load. */
final class RouterLanes {
    /** As many lanes as an engine may have. */
    private static final int MOST_LANES = 64;

    private final IdentityHashMap<LaneBuffers, RouterLane> known = new IdentityHashMap<>();
    private final Supplier<RouterLane> maker;
    private final RouterLane first;

    /** @param maker holds nothing of a lane that it fails to make */
    RouterLanes(final Supplier<RouterLane> maker) {
        this.maker = maker;
        first = maker.get();
    }

    /** A lane that begins a step. */
    RouterLane begin(final LaneBuffers buffers) {
        final RouterLane lane = known.get(buffers);
        if (lane != null) {
            return lane;
        }
        if (known.size() == MOST_LANES) {
            throw new IllegalStateException("a router's kernel serves " + MOST_LANES + " lanes, and this is one more");
        }
        final RouterLane made = known.isEmpty() ? first : maker.get();
        known.put(buffers, made);
        return made;
    }

    /** A lane that has begun a step. */
    RouterLane of(final LaneBuffers buffers) {
        final RouterLane lane = known.get(buffers);
        if (lane == null) {
            throw new IllegalStateException("the lane has begun no step: embed comes first");
        }
        return lane;
    }
}
