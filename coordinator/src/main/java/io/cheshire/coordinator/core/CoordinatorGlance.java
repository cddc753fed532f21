package io.cheshire.coordinator.core;

/**
 * A coordinator at a glance, for the process in which it runs.
 *
 * @param publisher       which start of the coordinator
 * @param epoch           epoch published last, 0 before the first
 * @param phase           what it is doing
 * @param formed          whether it has heard the nodes that it waits for, or has waited long enough
 * @param nodes           expert nodes that are members
 * @param expectedNodes   nodes awaited before the first epoch
 * @param routers         routers that are members
 * @param unsteadyBecause what is under way, in words for people; empty where nothing is
 * @param failure         why it can't decide well, in words for people; empty where it can
 */
public record CoordinatorGlance(
        long publisher,
        long epoch,
        Phase phase,
        boolean formed,
        int nodes,
        int expectedNodes,
        int routers,
        String unsteadyBecause,
        String failure) {
    static CoordinatorGlance of(
            final PlacementState state, final PlacementRules rules, final String failure, final long nowNs) {
        return new CoordinatorGlance(
                rules.publisher(),
                state.placement().epoch(),
                state.phase(),
                state.formed(),
                state.nodes().size(),
                rules.members().expectedNodes(),
                state.routers().size(),
                Steadiness.unsteadyBecause(state, rules, nowNs),
                failure);
    }
}
