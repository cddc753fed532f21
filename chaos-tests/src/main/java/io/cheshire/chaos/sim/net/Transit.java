package io.cheshire.chaos.sim.net;

/** How long packets take on a network that is modelled, not drawn. */
@FunctionalInterface
public interface Transit {
    /**
     * From now until a packet is there. Called in the order of sending, once a packet: queues may be kept.
     *
     * @param bytes of the frame in the simulation, whose rows are short
     */
    long transitNs(long nowNs, int fromHost, int toHost, int bytes);
}
