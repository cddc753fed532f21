package io.cheshire.planner.core.screen;

import java.util.Locale;

/** What a fleet can be held back by, in the order in which it is looked at. */
public enum Station {
    MEMORY("memory"),
    KV("KV cache of the routers"),
    ROUTER("computing and copying in the router"),
    NETWORK("the router's network card"),
    EXPERTS("the busiest expert node"),
    ROUND_TRIP("the way to the experts and back, with too few lanes to hide it"),
    HOST("cores of the shared host"),
    SEQUENCES("sequences that a lane may run"),
    ROWS("rows of a step");

    private final String words;

    Station(final String words) {
        this.words = words;
    }

    /** For people. */
    public String words() {
        return words;
    }

    /** For programs. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
