package io.cheshire.chaos.sim.fault;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.SimHosts;
import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.net.Paths;
import io.cheshire.chaos.sim.node.SimNode;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.model.protocol.ExpertKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Strikes at random among the families that the run has on, and takes back what it did after a while. What strikes
 * networks and processes is {@link NetworkFaults}' and {@link ProcessFaults}'; here are the choice and whatever is
 * asked of the coordinator.
 */
public final class FaultInjector {
    private static final int MOST_REPLAYED = 32;
    private static final int MOST_WHIMS = 16;
    private static final long LONGEST_WHIM_NS = 500 * World.MS;

    private final World world;
    private final SimContext context;
    private final RunParameters parameters;
    private final SimHosts hosts;
    private final Strikes strikes;
    private final SplittableRandom random;
    private final NetworkFaults network;
    private final ProcessFaults processes;
    private final Strangers strangers;
    private final List<FaultKind> kinds;
    private final Set<ExpertKey> moved = new HashSet<>();

    public FaultInjector(
            final SimContext context, final SimHosts hosts, final Paths dataPaths, final Paths controlPaths) {
        this.world = context.world();
        this.context = context;
        this.parameters = context.parameters();
        this.hosts = hosts;
        this.strikes = new Strikes(world, parameters);
        this.random = strikes.random;
        this.network = new NetworkFaults(strikes, hosts, dataPaths, controlPaths);
        this.processes = new ProcessFaults(strikes, world, parameters, hosts);
        this.strangers = new Strangers(strikes, context, hosts);
        this.kinds = List.copyOf(parameters.faults.kinds);
    }

    /** Whether an operator ever asked for the unit's move. */
    public boolean wasMoved(final ExpertKey key) {
        return moved.contains(key);
    }

    /** Where racks may be lost, one is for sure. */
    public void loseARack() {
        if (parameters.faults.has(FaultKind.RACK_LOSS)) {
            strikes.after(random.nextLong(parameters.times.chaosNs), () -> strike(FaultKind.RACK_LOSS));
        }
    }

    /** Strikes from now on. */
    public void start() {
        if (!kinds.isEmpty()) {
            world.after(random.nextLong(2 * parameters.times.faultIntervalNs) + 1, this::strike);
        }
    }

    /** Strikes no more; what was done to the network and the processes is taken back. */
    public void stop() {
        strikes.end();
        network.heal();
        context.plane().calm();
        processes.heal();
        final SimCoordinator leader = context.cluster().active();
        if (leader != null) {
            hosts.nodes().forEach(node -> leader.ask(new OperatorRequest.Undrain(node.nodeId(), "all is well")));
        }
    }

    private void strike() {
        if (strikes.areOver()) {
            return;
        }
        strike(kinds.get(random.nextInt(kinds.size())));
        start();
    }

    private void strike(final FaultKind kind) {
        if (apply(kind)) {
            world.note("fault", kind::name);
            context.faults().count(kind);
        }
    }

    /** Whether anything was done. */
    private boolean apply(final FaultKind kind) {
        return switch (kind) {
            case LOSS -> network.loss();
            case STRAGGLER -> network.straggler();
            case CORRUPTION ->
                strikes.forAWhile(
                        () -> context.plane().addCorruption(0.05),
                        () -> context.plane().addCorruption(-0.05));
            case DUPLICATION, REORDERING, CANCEL -> false;
            case REPLAY -> replay();
            case PARTITION_DATA -> network.partitionData();
            case PARTITION_DATA_ONE_WAY -> network.oneWayOfData();
            case CLOG -> network.clog();
            case PARTITION_CONTROL -> network.partitionControl();
            case PARTITION_CONTROL_ONE_WAY -> network.oneWayOfControl();
            case NODE_CRASH_WARM, NODE_CRASH_COLD -> processes.crashNode(kind == FaultKind.NODE_CRASH_COLD);
            case ROUTER_CRASH -> processes.crashRouter();
            case PAUSE -> processes.pause();
            case SLOW_NODE -> processes.slowNode();
            case SLOW_LOAD -> processes.slowLoad();
            case FAILED_LOAD -> processes.failedLoad();
            case FULL_MEMORY -> processes.fullMemory();
            case COMPUTE_FAILURE -> processes.computeFailure();
            case COORDINATOR_CRASH -> {
                final SimCoordinator leader = context.cluster().active();
                yield leader != null && processes.crash(leader);
            }
            case COORDINATOR_ZOMBIE -> zombie();
            case WISHES -> wish();
            case CLOCK_JUMP -> processes.jumpClock();
            case DRAIN -> {
                processes.leave(strikes.one(hosts.nodes()));
                yield true;
            }
            case BRIDGE -> network.shape(PartitionShapes::bridge);
            case MAJORITIES_RING -> network.shape(PartitionShapes::majoritiesRing);
            case FLAPPING_LINK -> network.flap();
            case CRASH_LOOP -> processes.crashLoop();
            case OTHER_BYTES -> processes.otherBytes();
            case ROUTER_LEAVE -> {
                strikes.one(hosts.routers()).leave();
                yield true;
            }
            case NODE_DOWNED -> downNode();
            case LOOK -> look();
            case CONTROL_RESET -> context.cluster().reset(strikes.one(hosts.serving()));
            case RACK_LOSS -> processes.loseRack();
            case DEVICE_LOSS -> processes.loseDevice();
            case LIFELINE_CUT -> context.plane().lifelines().cutAny();
            case MEDIA_DRIVER -> network.mediaDriver(context.plane().drivers());
            case STRANGER -> strangers.sayHello();
        };
    }

    /** One frame of the past, or a burst of them. */
    private boolean replay() {
        boolean any = false;
        for (int frames = 1 + random.nextInt(MOST_REPLAYED); frames > 0; frames--) {
            any |= context.plane().replay();
        }
        return any;
    }

    private void askUnlessOver(final SimCoordinator coordinator, final OperatorRequest asks) {
        if (!strikes.areOver()) {
            coordinator.ask(asks);
        }
    }

    private boolean wish() {
        final SimCoordinator leader = context.cluster().active();
        if (leader == null || !leader.isRunning()) {
            return false;
        }
        leader.ask(whim());
        return true;
    }

    private OperatorRequest whim() {
        final int nodeId = random.nextInt(parameters.shape.nodes);
        return switch (random.nextInt(5)) {
            case 0 -> {
                final ExpertKey key = new ExpertKey(
                        random.nextInt(parameters.shape.layers), random.nextInt(parameters.shape.experts));
                moved.add(key);
                yield new OperatorRequest.Move(key, nodeId, random.nextInt(parameters.shape.nodes), "a whim");
            }
            case 1 -> new OperatorRequest.Replicas(1 + random.nextInt(3), "a whim");
            case 2 -> new OperatorRequest.RebalanceNow("a whim");
            case 3 -> new OperatorRequest.Drain(nodeId, "a whim");
            default -> new OperatorRequest.Undrain(nodeId, "a whim");
        };
    }

    /**
     * Whoever watches processes says that a node's has ended: mostly it has, and sometimes it is back or never was
     * gone.
     */
    private boolean downNode() {
        final SimNode node = strikes.one(hosts.nodes());
        if (random.nextInt(4) != 0) {
            processes.crashAndRestart(node);
        }
        strikes.after(random.nextLong(parameters.times.restartNs), () -> {
            final SimCoordinator leader = context.cluster().active();
            if (leader != null && leader.isRunning()) {
                leader.ask(new OperatorRequest.Down(node.nodeId(), "exit status 137"));
            }
        });
        return true;
    }

    private boolean look() {
        final SimCoordinator leader = context.cluster().active();
        if (leader == null || !leader.isRunning()) {
            return false;
        }
        leader.show(1 + random.nextLong(200));
        return true;
    }

    /** The leader stands still or is cut off until another one leads, and a bit longer. */
    private boolean zombie() {
        final SimCoordinator leader = context.cluster().active();
        if (leader == null || !leader.isRunning()) {
            return false;
        }
        final long ns =
                parameters.times.downAfterNs + parameters.times.removalMarginNs + random.nextLong(1_000 * World.MS);
        if (random.nextBoolean()) {
            leader.pauseUntil(world.nowNs() + ns);
        } else if (parameters.faults.zombiesAreHeard && random.nextBoolean()) {
            network.deafenToControl(leader, ns);
        } else {
            network.cutOffFromControl(leader, ns);
        }
        if (parameters.faults.zombiesAreHeard) {
            keepBusy(leader);
        }
        return true;
    }

    /** Operators go on to ask it, at once or when it wakes, so that it publishes more than its successor knows of. */
    private void keepBusy(final SimCoordinator zombie) {
        for (int asked = random.nextInt(MOST_WHIMS); asked > 0; asked--) {
            final OperatorRequest asks =
                    random.nextBoolean() ? whim() : new OperatorRequest.Replicas(1 + asked % 3, "a whim");
            final long awakeNs = random.nextLong(LONGEST_WHIM_NS);
            strikes.after(
                    random.nextLong(parameters.times.downAfterNs),
                    () -> zombie.later(0, () -> zombie.later(awakeNs, () -> askUnlessOver(zombie, asks))));
        }
    }
}
