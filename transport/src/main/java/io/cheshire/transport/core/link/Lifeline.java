package io.cheshire.transport.core.link;

/** A router's end of a connection that lives as long as a node's process. One thread. */
public interface Lifeline extends AutoCloseable {
    /** Whether it was held and is cut; it stays so. What was never held is never cut. */
    boolean isCut(long observedNs);

    /** Lets go of it; then it is never cut. */
    @Override
    void close();
}
