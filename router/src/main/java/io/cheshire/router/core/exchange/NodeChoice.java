package io.cheshire.router.core.exchange;

import org.jspecify.annotations.Nullable;

/**
 * The one place where a shard's node is chosen, among the replicas of its unit. Replicas that are well go before those
 * that are slow, late with another shard or have refused this one, these before suspects, and last comes who couldn't
 * compute it. Among equals the one that is expected to be done first is taken, but one further back in the placement
 * only if it is clearly sooner.
 */
final class NodeChoice {
    private enum Health {
        WELL,
        UNWELL,
        SUSPECT,
        /** Couldn't compute this very shard. */
        FAILED,
        AWAY
    }

    private final NodeView nodes;
    private final Latencies latencies;
    private final GrayPolicy gray;

    NodeChoice(final NodeView nodes, final Latencies latencies, final GrayPolicy gray) {
        this.nodes = nodes;
        this.latencies = latencies;
        this.gray = gray;
    }

    /**
     * For a shard that no node has, or null: nobody is connected who holds its unit. Suspects and who failed to compute
     * it are the last resort. The node that comes first gets one now and then even if another should be sooner, else
     * nobody would learn when it no longer is.
     */
    @Nullable
    PeerNode first(final OpenShard shard) {
        if (!nodes.lists(shard.layer, shard.expert, shard.preferredNode)) {
            shard.preferredNode = OpenShard.NO_NODE; // planned under an older placement
        }
        final PeerNode owner = owner(shard);
        if (owner == null || health(owner, shard) != Health.WELL) {
            return best(shard, Health.FAILED, true);
        }
        if (shard.preferredNode != OpenShard.NO_NODE) {
            return owner;
        }
        final PeerNode best = best(shard, Health.FAILED, true);
        return best != owner && isTurnOf(owner) ? owner : best;
    }

    /** The node that the split or else the placement puts first, or null. */
    private @Nullable PeerNode owner(final OpenShard shard) {
        if (shard.preferredNode != OpenShard.NO_NODE) {
            return nodes.state(shard.preferredNode);
        }
        final int[] replicas = nodes.replicas(shard.layer, shard.expert);
        return replicas.length == 0 ? null : nodes.state(replicas[0]);
    }

    private boolean isTurnOf(final PeerNode passedOver) {
        if (++passedOver.passedOver < gray.trickle()) {
            return false;
        }
        passedOver.passedOver = 0;
        return true;
    }

    /** For a shard that some nodes have already: one of the others that is well, or null. */
    @Nullable
    PeerNode further(final OpenShard shard) {
        return best(shard, Health.WELL, false);
    }

    /** For a shard whose node is suspect: one of the others that is at least not suspect, or null. */
    @Nullable
    PeerNode refuge(final OpenShard shard) {
        return best(shard, Health.UNWELL, false);
    }

    /** For a shard without an answer for long: any connected replica, also one that has it already. */
    @Nullable
    PeerNode again(final OpenShard shard) {
        return best(shard, Health.FAILED, true);
    }

    private @Nullable PeerNode best(final OpenShard shard, final Health worst, final boolean mayHaveIt) {
        PeerNode best = null;
        Health bestHealth = worst;
        double bestNs = 0;
        for (final int nodeId : nodes.replicas(shard.layer, shard.expert)) {
            final PeerNode node = nodes.state(nodeId);
            final Health health = health(node, shard);
            if (health.compareTo(bestHealth) > 0 || (!mayHaveIt && shard.isWith(nodeId))) {
                continue;
            }
            final double ns = node.openWorkNs + latencies.expectedNs(node, shard.rowsMissing);
            if (best == null || health.compareTo(bestHealth) < 0 || ns * gray.preference() < bestNs) {
                best = node;
                bestHealth = health;
                bestNs = ns;
            }
        }
        return best;
    }

    private static Health health(final PeerNode node, final OpenShard shard) {
        return switch (node.status) {
            case CONNECTING, GONE -> Health.AWAY;
            case SUSPECT -> Health.SUSPECT;
            case LIVE -> {
                if (shard.hasFailedAt(node.nodeId)) {
                    yield Health.FAILED;
                }
                yield node.isWell() && node.nodeId != shard.refusedBy ? Health.WELL : Health.UNWELL;
            }
        };
    }

    /**
     * A slow node that might have had this shard and is to get it as well, to see whether it is still slow; or null.
     * Every so many shards, and not while it owes an overdue answer.
     */
    @Nullable
    PeerNode trickle(final OpenShard shard, final PeerNode chosen) {
        for (final int nodeId : nodes.replicas(shard.layer, shard.expert)) {
            final PeerNode node = nodes.state(nodeId);
            final boolean slow = node.slow && node.overdue == 0 && node.status == PeerNode.Status.LIVE;
            if (slow && nodeId != chosen.nodeId && isTurnOf(node)) {
                return node;
            }
        }
        return null;
    }
}
