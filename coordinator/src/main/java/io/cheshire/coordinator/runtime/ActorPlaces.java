package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.Whereabouts;
import org.apache.pekko.actor.typed.ActorRef;

/** Actors' addresses. */
record ActorPlaces() implements Whereabouts<ActorRef<?>> {
    @Override
    public String path(final ActorRef<?> place) {
        return place.path().toString();
    }

    @Override
    public boolean isInThisProcess(final ActorRef<?> place) {
        return !place.path().address().hasGlobalScope();
    }
}
