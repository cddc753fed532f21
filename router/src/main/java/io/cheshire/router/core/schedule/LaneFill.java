package io.cheshire.router.core.schedule;

/** How sequences are dealt to lanes. Nothing but speed depends on it. */
public enum LaneFill {
    /**
     * Every lane gets its share: one computes attention while the experts of another, on devices of their own, compute.
     */
    EVEN,
    /**
     * A lane gets sequences only when those before it are full. For a router that shares its device with its experts:
     * lanes could only take turns there, and each would read the weights again that all its rows could have used at
     * once.
     */
    PACKED
}
