package io.cheshire.coordinator.core;

import io.cheshire.coordinator.core.NodeUnits.LoadFailure;
import io.cheshire.coordinator.core.UnitDigests.Reference;
import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Lets a node's copy of a unit be used only if its bytes are those that the cluster serves. One object serves one
 * event.
 *
 * <p>Until the cluster is formed nothing is published, so there is time to hear all: what most nodes hold counts, and
 * of equally many that of the node with the least id, whatever the order in which they came. Then that is settled, and
 * of units that nobody held the first copy counts. A copy that differs is as a load that failed: it isn't listed, it is
 * freed, and it is tried again after a pause that grows.
 */
final class UnitCheck {
    private final StateBuilder draft;

    UnitCheck(final StateBuilder draft) {
        this.draft = draft;
    }

    /** The node, which is a member, says that it holds exactly these. */
    void holds(final NodeMember node, final List<HeldUnit> units) {
        if (node.units().says(units)) {
            return;
        }
        final SortedMap<ExpertKey, String> now = new TreeMap<>();
        for (final HeldUnit unit : units) {
            if (draft.isUnit(unit.key())) {
                now.put(unit.key(), unit.sha256());
            }
        }
        final TreeSet<ExpertKey> concerned = new TreeSet<>(now.keySet());
        concerned.addAll(node.units().held().keySet());
        take(node, now, concerned);
    }

    /** The node holds this one, too. */
    void holdsToo(final NodeMember node, final HeldUnit unit) {
        final SortedMap<ExpertKey, String> now = new TreeMap<>(node.units().held());
        now.put(unit.key(), unit.sha256());
        take(node, now, List.of(unit.key()));
    }

    /** The node has read this, and knew better than to use it; false where it would be right. */
    boolean differs(final NodeMember node, final HeldUnit read) {
        final Reference reference = draft.digests.of(read.key());
        if (reference == null || reference.sha256().equals(read.sha256())) {
            return false;
        }
        draft.put(node.with(refused(node.nodeId(), node.units(), read, reference)));
        draft.digests = draft.digests.refusing(1);
        return true;
    }

    private void take(
            final NodeMember node, final SortedMap<ExpertKey, String> now, final Collection<ExpertKey> concerned) {
        final NodeUnits before = node.units();
        final NodeMember told = node.with(before.holding(now));
        draft.put(told);
        if (draft.formed) {
            learn(node.nodeId(), now);
            judge(told, before, concerned);
            return;
        }
        judge(told, before, concerned);
        for (final NodeMember other : List.copyOf(draft.nodes.values())) {
            if (other.nodeId() != node.nodeId()) {
                judge(other, other.units(), concerned);
            }
        }
    }

    /** The cluster is about to be formed: what counts from then on. */
    void settle() {
        final SortedMap<ExpertKey, Reference> agreed = new TreeMap<>();
        for (final NodeMember node : draft.nodes.values()) {
            for (final ExpertKey key : node.units().held().keySet()) {
                final Reference reference = agreed.containsKey(key) ? null : reference(key);
                if (reference != null) {
                    agreed.put(key, reference);
                }
            }
        }
        draft.digests = draft.digests.with(agreed);
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            judge(node, node.units(), node.units().held().keySet());
        }
    }

    private void learn(final int nodeId, final SortedMap<ExpertKey, String> held) {
        final SortedMap<ExpertKey, Reference> further = new TreeMap<>();
        held.forEach((key, sha256) -> {
            if (draft.digests.of(key) == null) {
                further.put(key, new Reference(sha256, nodeId));
            }
        });
        draft.digests = draft.digests.with(further);
    }

    private @Nullable Reference reference(final ExpertKey key) {
        final Reference settled = draft.digests.of(key);
        return settled != null || draft.formed ? settled : agreed(key);
    }

    private @Nullable Reference agreed(final ExpertKey key) {
        final SortedMap<String, Integer> votes = new TreeMap<>();
        for (final NodeMember node : draft.nodes.values()) {
            final String sha256 = node.units().held().get(key);
            if (sha256 != null) {
                votes.merge(sha256, 1, Integer::sum);
            }
        }
        Reference best = null;
        for (final NodeMember node : draft.nodes.values()) { // by id, the least first
            final String sha256 = node.units().held().get(key);
            if (sha256 != null
                    && (best == null || votes.getOrDefault(sha256, 0) > votes.getOrDefault(best.sha256(), 0))) {
                best = new Reference(sha256, node.nodeId());
            }
        }
        return best;
    }

    private void judge(final NodeMember node, final NodeUnits before, final Collection<ExpertKey> keys) {
        final List<ExpertKey> usable = new ArrayList<>();
        final List<ExpertKey> unusable = new ArrayList<>();
        for (final ExpertKey key : keys) {
            final String sha256 = node.units().held().get(key);
            final Reference reference = sha256 == null ? null : reference(key);
            if (reference != null && sha256 != null) {
                final boolean right = reference.sha256().equals(sha256);
                (right && !node.units().distrusted().contains(key) ? usable : unusable).add(key);
            }
        }
        NodeUnits now = node.units().judged(usable, unusable);
        int differing = 0;
        for (final ExpertKey key : unusable) {
            final String sha256 = now.held().get(key);
            final Reference reference = reference(key);
            final boolean known = !before.resident().contains(key)
                    && String.valueOf(sha256).equals(before.held().get(key));
            if (!known
                    && reference != null
                    && sha256 != null
                    && !now.distrusted().contains(key)) {
                now = refused(node.nodeId(), now, new HeldUnit(key, sha256), reference);
                differing++;
            }
        }
        draft.digests = draft.digests.refusing(differing);
        draft.put(node.with(now));
    }

    private NodeUnits refused(final int nodeId, final NodeUnits units, final HeldUnit unit, final Reference reference) {
        final LoadFailure before = units.failures().get(unit.key());
        final int count = before == null ? 1 : before.count() + 1;
        final long pauseNs = draft.rules.loads().retryAfterNs(count);
        draft.note(
                Kind.UNIT_DIFFERS,
                "node " + nodeId + " read " + unit.key() + " as SHA-256 " + unit.sha256() + ", but the cluster serves "
                        + reference.sha256() + ", which node " + reference.nodeId()
                        + " read first: this copy is used by nobody and is freed; it is tried again in "
                        + pauseNs / 1_000_000 + " ms (failure " + count
                        + "). The model files of the two nodes differ: compare them with sha256sum, copy the right"
                        + " ones and start that node again (and the coordinator, if the first was wrong)");
        return units.failed(unit.key(), new LoadFailure(count, draft.nowNs + pauseNs));
    }
}
