package io.cheshire.coordinator.core;

/**
 * What a {@link CoordinatorLife} wants to know of the places that it sends messages to. Pure functions.
 *
 * @param <M> where somebody can be answered: an actor's address in production
 */
public interface Whereabouts<M> {
    /** The place in words, different for any two places that live at the same time. */
    String path(M place);

    /** Whether it lives in the coordinator's own process. */
    boolean isInThisProcess(M place);
}
