package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.PlacementTarget;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.runtime.MemberConfig;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The life of one router in the control plane: the shell that its actor is in production. */
public final class RouterControl {
    private static final long LOOK_INTERVAL_NS = 50 * World.MS;

    private final World world;
    private final SimProcess process;
    private final int life;
    private final Cluster cluster;
    private final int routerId;
    private final long incarnation;
    private final String fingerprint;
    private final PlacementTarget target;
    private final Usage usage;
    private final MemberConfig config;
    private final EpochBook book;
    private final PlantedBug bug;
    private PlacementTarget.Unanswered toldUnanswered = PlacementTarget.Unanswered.NONE;
    private CommandFence applying = CommandFence.OPEN;
    private CommandFence acknowledged = CommandFence.OPEN;
    private boolean registered;
    private @Nullable Placement placement;
    /** The placements that may still be in use, newest last. */
    private final List<Used> used = new ArrayList<>();

    private record Used(Placement placement, List<NodeEndpoint> endpoints) {
        boolean lists(final int nodeId, final long incarnation, final ExpertKey key) {
            return placement.nodesOf(key).contains(nodeId)
                    && endpoints.stream()
                            .anyMatch(node -> node.nodeId() == nodeId && node.incarnation() == incarnation);
        }
    }

    /** What the data plane of the router still uses. */
    public interface Usage {
        /** The router chooses nodes by this placement from now on. */
        void applied(Placement placement);

        /** Whether rows are at a node that it hasn't answered. */
        boolean awaits(int nodeId, ExpertKey key);
    }

    public RouterControl(
            final World world,
            final SimProcess process,
            final Cluster cluster,
            final int routerId,
            final long incarnation,
            final String fingerprint,
            final PlacementTarget target,
            final Usage usage,
            final MemberConfig config,
            final EpochBook book,
            final PlantedBug bug) {
        this.world = world;
        this.process = process;
        this.life = process.life();
        this.cluster = cluster;
        this.routerId = routerId;
        this.incarnation = incarnation;
        this.fingerprint = fingerprint;
        this.target = target;
        this.usage = usage;
        this.config = config;
        this.book = book;
        this.bug = bug;
        register();
        process.every(config.reportInterval().toNanos(), this::report);
        process.every(config.registerInterval().toNanos(), this::onRegisterTick);
        process.every(LOOK_INTERVAL_NS, this::onLookTick);
    }

    public SimProcess process() {
        return process;
    }

    /** Whether the process's life that made this still goes on. */
    boolean isAlive() {
        return process.isUp() && process.life() == life;
    }

    public int routerId() {
        return routerId;
    }

    public long incarnation() {
        return incarnation;
    }

    /** The placement in use. */
    public @Nullable Placement placement() {
        return placement;
    }

    /** Whether rows may still go to, or come from, this unit of this start of the node. */
    boolean mayUse(final int nodeId, final long nodeIncarnation, final ExpertKey key) {
        if (!process.isUp()) {
            return false;
        }
        return used.stream().anyMatch(each -> each.lists(nodeId, nodeIncarnation, key)) || usage.awaits(nodeId, key);
    }

    /** Whether it works with an epoch that another coordinator published above {@code published}. */
    boolean obeysAnother(final long publisher, final long published) {
        return used.stream()
                .mapToLong(each -> each.placement.epoch())
                .anyMatch(epoch -> epoch > published && epoch != Epochs.of(Epochs.round(epoch), publisher));
    }

    private void register() {
        final RouterHello hello = new RouterHello(
                config.clusterName(),
                fingerprint,
                fingerprint, // it has no weights of its own
                routerId,
                incarnation,
                acknowledged.epoch(),
                acknowledged.publisher());
        cluster.tell(process, coordinator -> coordinator.registerRouter(hello, this));
    }

    private void report() {
        cluster.tell(process, coordinator -> coordinator.routerReported(this));
        if (!toldUnanswered.keys().isEmpty()) {
            tellUnanswered();
        }
    }

    private void onLookTick() {
        final PlacementTarget.Unanswered now = target.unanswered();
        final boolean changed = !now.keys().equals(toldUnanswered.keys());
        toldUnanswered = now;
        if (changed) {
            tellUnanswered();
        }
    }

    private void tellUnanswered() {
        final PlacementEvent event = new CoordinatorCommand.UnitUnavailable(
                routerId, incarnation, toldUnanswered.epoch(), toldUnanswered.keys());
        cluster.tell(process, coordinator -> coordinator.decide(event));
    }

    private void onRegisterTick() {
        if (!registered) {
            register();
        }
    }

    void registerAgain() {
        registered = false;
        register();
    }

    void accepted() {
        registered = true;
    }

    void refused() {
        registered = false;
    }

    void published(final Placement offeredPlacement, final List<NodeEndpoint> nodes, final long publisher) {
        final CommandFence offered = new CommandFence(offeredPlacement.epoch(), publisher);
        if (!applying.lets(offered.epoch(), offered.publisher())) {
            if (applying.equals(acknowledged)) {
                acknowledge(acknowledged);
            }
        } else if (offered.equals(acknowledged)) {
            acknowledge(acknowledged);
        } else if (!offered.equals(applying)) {
            book.applied(offeredPlacement, publisher, process.name() + " life " + process.life(), applying.epoch());
            applying = offered;
            apply(offered, offeredPlacement, nodes);
        }
    }

    private void apply(final CommandFence offered, final Placement offeredPlacement, final List<NodeEndpoint> nodes) {
        world.note(process.name(), () -> "applies epoch " + offered.epoch() + " " + offeredPlacement.nodesByUnit());
        usage.applied(offeredPlacement);
        target.apply(offeredPlacement, nodes)
                .whenComplete((epoch, failure) -> process.later(0, () -> onApplied(offered, epoch, failure)));
        placement = offeredPlacement;
        used.add(new Used(offeredPlacement, nodes));
        process.wake(0);
        if (bug == PlantedBug.ACK_EPOCH_EARLY) {
            onApplied(offered, null, null);
        }
    }

    private void onApplied(final CommandFence offered, final @Nullable Long epoch, final @Nullable Throwable failure) {
        if (failure != null) {
            if (applying.equals(offered)) {
                applying = acknowledged;
            }
            return;
        }
        if (offered.epoch() > acknowledged.epoch()) {
            acknowledged = offered;
        }
        if (bug != PlantedBug.ACK_EPOCH_EARLY || epoch != null) {
            used.removeIf(each -> each.placement.epoch() < offered.epoch());
        }
        acknowledge(acknowledged);
    }

    private void acknowledge(final CommandFence epoch) {
        final PlacementEvent event =
                new CoordinatorCommand.EpochAcknowledged(routerId, incarnation, epoch.epoch(), epoch.publisher());
        cluster.tell(process, coordinator -> coordinator.decide(event));
    }
}
