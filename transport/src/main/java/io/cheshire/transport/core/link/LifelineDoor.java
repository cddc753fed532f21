package io.cheshire.transport.core.link;

/** A node's end of its routers' lifelines. The node's thread. */
public interface LifelineDoor {
    /** A router with a link may hold on from now on. */
    void allow(long proof);

    /** Its link has ended. A connection that it holds stays until it lets go. */
    void revoke(long proof);

    /** Lets go of all routers, which hear it at once. */
    void close();
}
