package io.cheshire.chaos.sim.control;

import io.cheshire.coordinator.core.Whereabouts;

/** Where members of a simulated cluster are: each in a process of its own. */
record SimPlaces() implements Whereabouts<Place> {
    @Override
    public String path(final Place place) {
        return place.path();
    }

    @Override
    public boolean isInThisProcess(final Place place) {
        return place instanceof OperatorPlace;
    }
}
