package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.model.SimKernels;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.UnitHost;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.runtime.MemberConfig;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.runtime.checkpoint.DigestedUnit;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The life of one expert node in the control plane: the shell that its actor is in production. */
public final class NodeControl {
    private final World world;
    private final SimProcess process;
    private final int life;
    private final Cluster cluster;
    private final UnitHost host;
    private final MemberConfig config;
    private final String fingerprint;
    private final long memoryLimitBytes;
    private final long unitBytes;
    private final PlantedBug bug;
    private final Runnable stopped;
    private final SortedMap<ExpertKey, HeldUnit> resident = new TreeMap<>();
    private final Map<ExpertKey, String> mustBe = new HashMap<>();
    private final Set<ExpertKey> toLoad = new LinkedHashSet<>();
    /** Units being loaded → what they must be, or empty. */
    private final SortedMap<ExpertKey, String> loading = new TreeMap<>();

    private final Set<ExpertKey> unloading = new TreeSet<>();
    private CommandFence fence = CommandFence.OPEN;
    private NodeState state = NodeState.JOINING;
    private boolean registered;
    private boolean draining;

    /** @param stopped runs when the node left in order */
    public NodeControl(
            final World world,
            final SimProcess process,
            final Cluster cluster,
            final UnitHost host,
            final MemberConfig config,
            final String fingerprint,
            final long memoryLimitBytes,
            final long unitBytes,
            final PlantedBug bug,
            final Runnable stopped) {
        this.world = world;
        this.process = process;
        this.life = process.life();
        this.cluster = cluster;
        this.host = host;
        this.config = config;
        this.fingerprint = fingerprint;
        this.memoryLimitBytes = memoryLimitBytes;
        this.unitBytes = unitBytes;
        this.bug = bug;
        this.stopped = stopped;
        register();
        process.every(config.reportInterval().toNanos(), this::report);
        process.every(config.registerInterval().toNanos(), this::onRegisterTick);
    }

    public SimProcess process() {
        return process;
    }

    /** Whether the process's life that made this still goes on. */
    boolean isAlive() {
        return process.isUp() && process.life() == life;
    }

    public int nodeId() {
        return host.endpoint().nodeId();
    }

    public long incarnation() {
        return host.endpoint().incarnation();
    }

    /** Units that it says it holds. */
    public Set<ExpertKey> resident() {
        return resident.keySet();
    }

    /** Where it is in its life, for people. */
    public String describe() {
        return process.name() + " " + state + " holds " + resident.keySet() + ", loads " + loading.keySet() + " then "
                + toLoad + ", frees " + unloading + ", obeys epoch " + fence.epoch() + " of publisher "
                + fence.publisher();
    }

    private void register() {
        final NodeHello hello = new NodeHello(
                config.clusterName(),
                fingerprint,
                host.endpoint(),
                memoryLimitBytes,
                unitBytes,
                fence.epoch(),
                fence.publisher(),
                List.copyOf(resident.values()));
        cluster.tell(process, coordinator -> coordinator.registerNode(hello, this));
    }

    private void report() {
        final List<HeldUnit> held = List.copyOf(resident.values());
        cluster.tell(process, coordinator -> coordinator.nodeReported(this, held));
    }

    private void onRegisterTick() {
        if (!registered) {
            register();
        } else if (state == NodeState.DRAINING && !draining) {
            sayLeaving();
        }
    }

    void registerAgain() {
        registered = false;
        register();
    }

    void accepted() {
        registered = true;
        if (state == NodeState.JOINING) {
            state = NodeState.LOADING;
        }
        if (state == NodeState.DRAINING && !draining) {
            sayLeaving();
        }
        serveIfLoaded();
    }

    void refused() {
        registered = false;
    }

    private boolean obeys(final long epoch, final long publisher) {
        if (!fence.lets(epoch, publisher) && bug != PlantedBug.OBEY_OLD_EPOCH) {
            final long seen = fence.epoch();
            cluster.tell(process, coordinator -> coordinator.staleCommand(this, seen));
            return false;
        }
        if (epoch < fence.epoch()) {
            world.violate(
                    "epochs never go back",
                    process.name() + " obeys epoch " + epoch + " of publisher " + publisher + " after epoch "
                            + fence.epoch() + " of " + fence.publisher());
        }
        fence = fence.after(epoch, publisher);
        return true;
    }

    void load(final long epoch, final long publisher, final List<ExpertKey> keys, final List<HeldUnit> known) {
        if (obeys(epoch, publisher)) {
            mustBe.keySet().removeAll(keys); // what another coordinator knew
            known.forEach(unit -> mustBe.put(unit.key(), unit.sha256()));
            keys.forEach(this::load);
            loadNext();
        }
    }

    private void load(final ExpertKey key) {
        final HeldUnit held = resident.get(key);
        if (held != null && !unloading.contains(key)) {
            say(new CoordinatorCommand.UnitLoaded(nodeId(), incarnation(), held));
        } else if (unloading.contains(key) || draining) {
            say(new CoordinatorCommand.UnitLoadFailed(nodeId(), incarnation(), key, "not now"));
        } else if (!loading.containsKey(key)) {
            toLoad.add(key);
        }
    }

    private void loadNext() {
        while (loading.size() < config.concurrentLoads() && !toLoad.isEmpty()) {
            final ExpertKey key = toLoad.iterator().next();
            toLoad.remove(key);
            final String known = Objects.requireNonNullElse(mustBe.remove(key), "");
            loading.put(key, known);
            host.load(key, bug == PlantedBug.USE_OTHER_BYTES ? "" : known)
                    .whenComplete((loaded, failure) -> process.later(0, () -> onLoadEnded(key, loaded)));
            process.wake(0);
        }
    }

    private void onLoadEnded(final ExpertKey key, final @Nullable HeldUnit loaded) {
        final String known = Objects.requireNonNullElse(loading.remove(key), "");
        final boolean lies = (loaded == null && bug == PlantedBug.LIE_ABOUT_LOAD)
                || (loaded != null && bug == PlantedBug.USE_OTHER_BYTES);
        final HeldUnit held = lies
                ? new HeldUnit(key, DigestedUnit.of(SimKernels.weights(key)).sha256())
                : loaded;
        if (held != null && !known.isEmpty() && !known.equals(held.sha256())) {
            say(new CoordinatorCommand.UnitDiffers(nodeId(), incarnation(), held));
        } else if (held != null) {
            resident.put(key, held);
            say(new CoordinatorCommand.UnitLoaded(nodeId(), incarnation(), held));
        } else {
            say(new CoordinatorCommand.UnitLoadFailed(nodeId(), incarnation(), key, "could not"));
        }
        loadNext();
        serveIfLoaded();
    }

    void probe(final long probeId, final ExpertKey key, final long seed) {
        host.probe(key, seed)
                .whenComplete((answer, failure) -> process.later(
                        0,
                        () -> say(new CoordinatorCommand.UnitProbed(
                                nodeId(),
                                incarnation(),
                                probeId,
                                key,
                                answer == null ? "" : answer,
                                failure == null ? "" : "could not"))));
        process.wake(0);
    }

    /** Whether others have read the unit before that it loads. */
    public boolean knowsWhatMustBe(final ExpertKey key) {
        return !loading.getOrDefault(key, "").isEmpty();
    }

    private void serveIfLoaded() {
        if (state == NodeState.LOADING && loading.isEmpty() && toLoad.isEmpty() && !resident.isEmpty()) {
            state = NodeState.SERVING;
        }
    }

    void unload(final long epoch, final long publisher, final List<ExpertKey> keys) {
        if (obeys(epoch, publisher)) {
            keys.forEach(this::unload);
        }
    }

    private void unload(final ExpertKey key) {
        toLoad.remove(key);
        if (resident.containsKey(key)) {
            if (unloading.add(key)) {
                host.unload(key)
                        .whenComplete((done, failure) -> process.later(0, () -> onUnloadEnded(key, failure == null)));
                process.wake(0);
            }
        } else if (!loading.containsKey(key)) {
            say(new CoordinatorCommand.UnitUnloaded(nodeId(), incarnation(), key));
        }
    }

    private void onUnloadEnded(final ExpertKey key, final boolean unloaded) {
        unloading.remove(key);
        if (unloaded) {
            resident.remove(key);
            say(new CoordinatorCommand.UnitUnloaded(nodeId(), incarnation(), key));
        }
    }

    /** An operator has the node leave in order. */
    public void leave() {
        if (state == NodeState.LOADING || state == NodeState.SERVING) {
            state = NodeState.DRAINING;
            world.note(process.name(), () -> "asks to leave");
            sayLeaving();
            process.later(config.leaveTimeout().toNanos(), this::onLeaveExpired);
        }
    }

    private void sayLeaving() {
        say(new CoordinatorCommand.NodeLeaving(nodeId(), incarnation(), "planned"));
    }

    void leaveGranted() {
        if (state == NodeState.DRAINING && !draining) {
            drain();
        }
    }

    private void drain() {
        draining = true;
        toLoad.clear();
        host.drain().whenComplete((done, failure) -> process.later(0, stopped));
        process.wake(0);
    }

    private void onLeaveExpired() {
        if (draining) {
            stopped.run();
        } else {
            drain();
            process.later(config.leaveTimeout().toNanos(), this::onLeaveExpired);
        }
    }

    private void say(final PlacementEvent event) {
        cluster.tell(process, coordinator -> coordinator.decide(event));
    }
}
