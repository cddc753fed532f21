package io.cheshire.transport.runtime.lifeline;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What routers with a link can say and nobody else: who connects and doesn't say one of them is a stranger. The node's
 * thread writes, the lifelines' thread reads; nothing waits, and no class is needed that isn't there yet.
 */
final class LifelineProofs {
    private static final long NONE = 0;

    private final AtomicLongArray proofs;

    /** @param capacity of proofs at once; further ones are ignored, whose routers go by heartbeats */
    LifelineProofs(final int capacity) {
        proofs = new AtomicLongArray(capacity);
    }

    void allow(final long proof) {
        replace(NONE, proof);
    }

    void revoke(final long proof) {
        if (proof != NONE) {
            replace(proof, NONE);
        }
    }

    private void replace(final long present, final long next) {
        for (int i = 0; i < proofs.length(); i++) {
            if (proofs.get(i) == present) {
                proofs.set(i, next);
                return;
            }
        }
    }

    boolean contains(final long proof) {
        boolean found = false;
        for (int i = 0; i < proofs.length(); i++) {
            found |= proofs.get(i) == proof;
        }
        return found && proof != NONE;
    }
}
