package io.cheshire.router.control;

import io.cheshire.coordinator.core.Whereabouts;

/** Every start of a member is a place of its own. */
record RigPlaces() implements Whereabouts<RigMember> {
    @Override
    public String path(final RigMember place) {
        return switch (place) {
            case final RigNode node -> "node " + node.nodeId() + "/" + node.incarnation();
            case final RigRouter router -> "router " + router.routerId() + "/" + router.incarnation();
        };
    }

    @Override
    public boolean isInThisProcess(final RigMember place) {
        return false;
    }
}
