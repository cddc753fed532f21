package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import java.util.TreeSet;

/**
 * The last of three phases: what neither the acknowledged placement nor the target lists is freed. Never before every
 * live router acknowledged the placement, never before the members of a predecessor had time to come back, and never
 * before the first of its routers did.
 */
final class Releasing {
    private final StateBuilder draft;
    private final UnitHolders holders;

    Releasing(final StateBuilder draft, final UnitHolders holders) {
        this.draft = draft;
        this.holders = holders;
    }

    /** Whether every router uses what is published, and a predecessor's had time to come back. */
    boolean isSafe() {
        final boolean follows = draft.seenEpoch > 0;
        return draft.routers.values().stream()
                        .allMatch(router ->
                                router.ackedEpoch() == draft.placement().epoch())
                && (!follows
                        || draft.reached(draft.startedNs + draft.rules.members().recoveryNs()));
    }

    /** Frees what neither the acknowledged placement nor the target lists. */
    void release(final Target target) {
        if (mayHaveUnknownRouters()) {
            return;
        }
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            final TreeSet<ExpertKey> unlisted =
                    new TreeSet<>(node.units().held().keySet());
            unlisted.removeAll(holders.listedOn(node.nodeId(), draft.placement().nodesByUnit()));
            // What is wanted again stays, unless the node was told to free it: it may be gone by now, so it is loaded
            // anew.
            final TreeSet<ExpertKey> wanted = new TreeSet<>(holders.listedOn(node.nodeId(), target.nodesByUnit()));
            wanted.removeAll(node.unloading().keySet());
            wanted.retainAll(node.resident()); // a copy that nobody may use is in the way of a better one
            unlisted.removeAll(wanted);
            unlisted.removeIf(key -> stillUnloading(node, key));
            if (unlisted.isEmpty() || node.leaving()) {
                continue;
            }
            draft.put(node.with(node.units()
                    .startUnloading(unlisted, draft.nowNs + draft.rules.loads().timeoutNs())));
            // The next epoch's number, like a load's: the node obeys no lower one than that of the last load it got.
            draft.effect(new PlacementEffect.Unload(node.nodeId(), draft.nextEpoch(), List.copyOf(unlisted)));
            draft.note(
                    Kind.RELEASE,
                    "node " + node.nodeId() + " frees " + unlisted.size() + " units that epoch "
                            + Epochs.text(draft.placement().epoch()) + " doesn't list and no router uses");
        }
    }

    private boolean stillUnloading(final NodeMember node, final ExpertKey key) {
        final Long deadlineNs = node.unloading().get(key);
        return deadlineNs != null && !draft.reached(deadlineNs);
    }

    /** Nodes that asked to leave may, once nothing lists them. */
    void grantLeaves() {
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            if (node.leaving()
                    && !node.leaveGranted()
                    && holders.listedOn(node.nodeId(), draft.placement().nodesByUnit())
                            .isEmpty()) {
                draft.put(node.granted());
                draft.effect(new PlacementEffect.GrantLeave(
                        node.nodeId(), draft.placement().epoch()));
                draft.note(Kind.LEAVE_GRANTED, "node " + node.nodeId() + " may leave: no router uses it");
            }
        }
    }

    /**
     * A predecessor served somebody, and nobody has come back yet: routers that pause for longer than the recovery may
     * still use what the epoch no longer lists. What is kept until the first is here costs memory and nothing else.
     */
    private boolean mayHaveUnknownRouters() {
        return draft.seenEpoch > 0 && draft.routers.isEmpty();
    }
}
