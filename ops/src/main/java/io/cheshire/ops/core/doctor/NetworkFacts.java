package io.cheshire.ops.core.doctor;

import java.util.List;

/**
 * What was found of addresses.
 *
 * @param loopback  to what {@code localhost} resolves; empty: to nothing
 * @param hostName  of this host
 * @param ownHost   to what that resolves; empty: to nothing
 * @param endpoints where the configuration listens
 */
public record NetworkFacts(List<Resolved> loopback, String hostName, List<Resolved> ownHost, List<Endpoint> endpoints) {
    public NetworkFacts {
        loopback = List.copyOf(loopback);
        ownHost = List.copyOf(ownHost);
        endpoints = List.copyOf(endpoints);
    }

    /**
     * An address of a name.
     *
     * @param address    in digits
     * @param isLoopback reached by this host only
     */
    public record Resolved(String address, boolean isLoopback) {}

    /** Whether something could listen. */
    public enum Listening {
        FREE,
        TAKEN,
        NOT_OURS,
        UNRESOLVED,
        REFUSED
    }

    /**
     * An address on which a process of this configuration listens.
     *
     * @param setting  that names it, with its flag
     * @param address  host and port
     * @param protocol TCP or UDP
     * @param state    what trying it gave
     * @param reason   of the system, where it isn't free; else empty
     */
    public record Endpoint(String setting, String address, String protocol, Listening state, String reason) {}
}
