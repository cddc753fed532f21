package io.cheshire.ops.runtime.process;

/** What a process computes. */
enum Hosted {
    ROUTER,
    EXPERTS,
    BOTH;

    boolean experts() {
        return this != ROUTER;
    }

    boolean router() {
        return this != EXPERTS;
    }
}
