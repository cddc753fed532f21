package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.Channels;
import org.jspecify.annotations.Nullable;

/** Who may join. */
final class Admission {
    private final StateBuilder draft;

    Admission(final StateBuilder draft) {
        this.draft = draft;
    }

    @Nullable
    Refusal ofNode(final NodeHello hello) {
        final Refusal wrong = identity(hello.clusterName(), hello.modelFingerprint());
        if (wrong != null) {
            return wrong;
        }
        final int layers = draft.rules.model().layers();
        final int experts = draft.rules.model().expertsPerLayer();
        for (final HeldUnit unit : hello.resident()) {
            final ExpertKey key = unit.key();
            if (key.layer() >= layers || key.expert() >= experts) {
                return new Refusal(
                        "holds unit " + key + ", but the model has " + layers + " layers of " + experts
                                + " experts; start it with the cluster's model",
                        false);
            }
        }
        if (hello.nodeId() < 0 || hello.unitBytes() < 0 || hello.memoryLimitBytes() < 0) {
            return new Refusal("node id, unit bytes and memory limit must not be negative: " + hello, false);
        }
        if (!Channels.isAllowed(hello.endpoint().channel())) {
            return new Refusal(
                    "takes rows on channel " + hello.endpoint().channel() + ", which no router opens; start it with"
                            + " aeron:ipc or aeron:udp?endpoint=host:port (cheshire.role.channel, --channel)",
                    false);
        }
        if (!draft.isPlausible(hello.epochSeen())) {
            return new Refusal(StateBuilder.implausible("it", hello.epochSeen()), false);
        }
        final NodeMember known = draft.nodes.get(hello.nodeId());
        if (known == null) {
            return draft.nodes.size() < draft.rules.members().maxNodes()
                    ? null
                    : new Refusal(
                            "the cluster has its " + draft.rules.members().maxNodes()
                                    + " nodes; raise cheshire.coordinator.max-nodes",
                            true);
        }
        return taken("node", hello.nodeId(), known.hello().incarnation(), hello.incarnation(), known.heardNs());
    }

    @Nullable
    Refusal ofRouter(final RouterHello hello) {
        final Refusal wrong = identity(hello.clusterName(), hello.modelFingerprint());
        if (wrong != null) {
            return wrong;
        }
        if (hello.routerId() < 0) {
            return new Refusal("router id must not be negative: " + hello, false);
        }
        if (!draft.isPlausible(hello.epoch())) {
            return new Refusal(StateBuilder.implausible("it", hello.epoch()), false);
        }
        final Refusal otherWeights = otherWeights(hello);
        if (otherWeights != null) {
            return otherWeights;
        }
        final RouterMember known = draft.routers.get(hello.routerId());
        if (known == null) {
            return draft.routers.size() < draft.rules.members().maxRouters()
                    ? null
                    : new Refusal(
                            "the cluster has its " + draft.rules.members().maxRouters()
                                    + " routers; stop one, or raise cheshire.transport.max-routers on all expert nodes"
                                    + " and coordinators, and cheshire.coordinator.max-routers",
                            true);
        }
        return taken("router", hello.routerId(), known.hello().incarnation(), hello.incarnation(), known.heardNs());
    }

    /** All members have the same, so any of them will do. */
    private @Nullable Refusal otherWeights(final RouterHello hello) {
        for (final RouterMember other : draft.routers.values()) {
            final RouterHello theirs = other.hello();
            if (theirs.routerId() != hello.routerId() && !theirs.weightsSha256().equals(hello.weightsSha256())) {
                final boolean alive =
                        !draft.reached(other.heardNs() + draft.rules.members().liveWindowNs());
                return new Refusal(
                        "its weights (attention, norms, embeddings, lm_head) have SHA-256 " + hello.weightsSha256()
                                + ", those of router " + theirs.routerId() + " " + theirs.weightsSha256()
                                + ", so they would give other tokens; compare the model files of the two with"
                                + " sha256sum, and copy the right ones",
                        !alive);
            }
        }
        return null;
    }

    private @Nullable Refusal identity(final String clusterName, final String fingerprint) {
        if (!clusterName.equals(draft.rules.clusterName())) {
            return new Refusal(
                    "means to join cluster \"" + clusterName + "\", but this is \"" + draft.rules.clusterName()
                            + "\"; set cheshire.cluster.name or the seed nodes",
                    false);
        }
        if (!fingerprint.equals(draft.rules.model().fingerprint())) {
            return new Refusal(
                    "serves model " + fingerprint + ", but the cluster serves "
                            + draft.rules.model().fingerprint()
                            + "; start it with the same checkpoint, with or without a manifest as the others,"
                            + " and the same cheshire.model.fingerprint",
                    false);
        }
        return null;
    }

    private @Nullable Refusal taken(
            final String what, final int id, final long knownIncarnation, final long incarnation, final long heardNs) {
        final boolean alive = !draft.reached(heardNs + draft.rules.members().liveWindowNs());
        return knownIncarnation == incarnation || !alive
                ? null
                : new Refusal(
                        "id " + id + " is used by a live " + what + " of incarnation " + knownIncarnation
                                + "; give this one another id, or stop the other",
                        true);
    }
}
