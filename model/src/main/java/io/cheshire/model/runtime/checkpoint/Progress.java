package io.cheshire.model.runtime.checkpoint;

/** Told how far a long piece of work is. Called from worker threads, possibly several at once; must return quickly. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress NONE = (what, doneBytes, totalBytes) -> {};

    /**
     * @param what       for people: {@code hashing}, {@code writing}
     * @param doneBytes  bytes dealt with so far, never decreasing over all threads taken together
     * @param totalBytes bytes there are
     */
    void advanced(String what, long doneBytes, long totalBytes);
}
