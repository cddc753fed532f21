package io.cheshire.chaos.sim;

import io.cheshire.chaos.sim.check.Coverage;
import io.cheshire.chaos.sim.control.Cluster;
import io.cheshire.chaos.sim.control.EpochBook;
import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.fault.FaultCounts;
import io.cheshire.chaos.sim.fault.FaultInjector;
import io.cheshire.chaos.sim.hardware.Hardware;
import io.cheshire.chaos.sim.hardware.ToyHardware;
import io.cheshire.chaos.sim.model.ReferenceModel;
import io.cheshire.chaos.sim.model.SimModel;
import io.cheshire.chaos.sim.net.ControlNetwork;
import io.cheshire.chaos.sim.net.Paths;
import io.cheshire.chaos.sim.net.SimDataPlane;
import io.cheshire.chaos.sim.node.SimNode;
import io.cheshire.chaos.sim.parameters.ClusterShape;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.parameters.SimTimes;
import io.cheshire.chaos.sim.router.SimRouter;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.Phase;
import io.cheshire.coordinator.core.PlacementState;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One run: a cluster drawn from a seed, faults, and what must hold. First everything may fail and nothing may be wrong;
 * then a random core is healed, all else stays dead, and everybody of the core must make progress in time; at last the
 * clients stop and everything must be back where it belongs.
 */
public final class Simulation {
    private static final int COORDINATORS = 2;
    private static final long SLICE_NS = 20 * World.MS;
    /** Longest way back to progress: several rounds of every timeout that the parameters may draw. */
    static final long LIVENESS_NS = 30_000 * World.MS;

    private static final long SETTLE_NS = 2_000 * World.MS;

    private final RunParameters parameters;
    private final World world;
    private final SimContext context;
    private final SimHosts hosts;
    private final ControlNetwork control;
    private final Paths dataPaths;
    private final FaultInjector injector;
    private final SplittableRandom random;

    private Simulation(final long seed, final PlantedBug bug, final boolean traced) {
        this(new RunParameters(seed, bug), bug, traced, null);
    }

    private Simulation(
            final RunParameters given, final PlantedBug bug, final boolean traced, final @Nullable Hardware measured) {
        parameters = given;
        final long seed = given.seed;
        world = new World(seed, traced);
        random = world.newRandom();
        final ClusterShape shape = parameters.shape;
        final int hostCount = shape.nodes + shape.routers + COORDINATORS;
        dataPaths = new Paths(hostCount);
        final Paths controlPaths = new Paths(hostCount);
        final SimTimes times = parameters.times;
        control = new ControlNetwork(
                world, controlPaths, times.controlDelayNs, times.controlJitterNs, times.controlGiveUpNs);
        final SimModel model = measured == null
                ? new SimModel(shape.layers, shape.experts, shape.hidden, shape.vocabulary, shape.precision)
                : measured.model();
        context = new SimContext(
                world,
                parameters,
                bug,
                model,
                measured == null ? new ToyHardware(times) : measured,
                new ReferenceModel(model),
                new SimDataPlane(world, dataPaths, parameters.network, seed),
                new Cluster(world, control, parameters),
                new EpochBook(world, bug),
                new Coverage(),
                new FaultCounts());
        hosts = hosts();
        injector = new FaultInjector(context, hosts, dataPaths, controlPaths);
    }

    private SimHosts hosts() {
        final List<SimNode> nodes = new ArrayList<>();
        final List<SimRouter> routers = new ArrayList<>();
        final List<SimCoordinator> coordinators = new ArrayList<>();
        int host = 0;
        for (int i = 0; i < parameters.shape.nodes; i++) {
            nodes.add(new SimNode(context, i, host++));
        }
        for (int i = 0; i < parameters.shape.routers; i++) {
            routers.add(new SimRouter(context, i, host++));
        }
        for (int i = 0; i < COORDINATORS; i++) {
            coordinators.add(new SimCoordinator(context, "coordinator-" + i, host++));
        }
        return new SimHosts(nodes, routers, coordinators);
    }

    /** Runs a seed. */
    public static SimResult run(final long seed) {
        return run(seed, PlantedBug.NONE, false);
    }

    /**
     * Runs a seed.
     *
     * @param bug    what is planted
     * @param traced whether to keep what happens in words
     */
    public static SimResult run(final long seed, final PlantedBug bug, final boolean traced) {
        return new Simulation(seed, bug, traced).run();
    }

    /**
     * Runs a seed's cluster with what a script says in place of chance; in the end everybody is healed, and not a core.
     *
     * @param notes hears what happens as it does
     */
    public static SimResult run(final long seed, final SimScript script, final World.Notes notes) {
        final Simulation simulation = new Simulation(seed, PlantedBug.NONE, false);
        simulation.world.listen(notes);
        return simulation.run(script);
    }

    /**
     * Runs a cluster that is asked for, on hardware as measured, until the script is over or its time is, and demands
     * that everything is back where it belongs then.
     */
    public static SimResult run(final RunParameters parameters, final Hardware hardware, final SimScript script) {
        return new Simulation(parameters, PlantedBug.NONE, false, hardware).runMeasured(hardware, script);
    }

    private SimResult runMeasured(final Hardware hardware, final SimScript script) {
        beginHosts();
        if (!await(LIVENESS_NS, () -> isSteady() && hosts.routers().stream().allMatch(SimRouter::isServing))
                && world.violation() == null) {
            world.violate("a cluster forms", "it didn't though nothing struck");
        }
        hardware.begin(world);
        script.begin(context, hosts, dataPaths);
        await(script.durationNs(), script::isOver);
        if (world.violation() == null && script.settles()) {
            settle();
        }
        return result(-1);
    }

    private SimResult run(final SimScript script) {
        beginHosts();
        if (!await(LIVENESS_NS, this::isSteady) && world.violation() == null) {
            world.violate("a cluster forms", "it didn't though nothing struck");
        }
        script.begin(context, hosts, dataPaths);
        world.runUntil(world.nowNs() + script.durationNs());
        final long healedNs = world.nowNs();
        injector.stop();
        hosts.nodes().forEach(SimNode::start);
        hosts.routers().forEach(SimRouter::start);
        startCoordinators();
        final List<Long> before =
                hosts.routers().stream().map(SimRouter::finishedRequests).toList();
        final boolean live = await(LIVENESS_NS, () -> isSteady() && haveProgressed(hosts.routers(), before));
        final long recoveryNs = live ? world.nowNs() - healedNs : -1;
        if (!live && world.violation() == null) {
            demandFailed(hosts.routers(), before);
        }
        if (world.violation() == null) {
            settle();
        }
        return result(recoveryNs);
    }

    private SimResult run() {
        begin();
        world.runUntil(parameters.times.chaosNs);
        final long recoveryNs = world.violation() == null ? recover() : -1;
        if (world.violation() == null) {
            settle();
        }
        return result(recoveryNs);
    }

    private void begin() {
        beginHosts();
        injector.start();
        injector.loseARack();
    }

    private void beginHosts() {
        hosts.coordinators().forEach(coordinator -> {
            coordinator.start(random.nextLong());
            context.cluster().add(coordinator);
        });
        hosts.nodes().forEach(context.cluster()::add);
        hosts.routers().forEach(context.cluster()::add);
        context.cluster().start();
        hosts.nodes().forEach(node -> world.after(random.nextLong(200 * World.MS), node::start));
        hosts.routers().forEach(router -> world.after(random.nextLong(200 * World.MS), router::start));
    }

    /** Heals a core and demands progress; answers how long that took. */
    private long recover() {
        final long healedNs = world.nowNs();
        injector.stop();
        final List<SimNode> nodes = healNodes();
        final List<SimRouter> routers = healRouters();
        startCoordinators();
        world.note("simulation", () -> "heals " + nodes.size() + " nodes and " + routers.size() + " routers");
        final List<Long> before =
                routers.stream().map(SimRouter::finishedRequests).toList();
        final boolean live = await(LIVENESS_NS, () -> isSteady() && haveProgressed(routers, before));
        final long recoveryNs = world.nowNs() - healedNs;
        if (!live) {
            demandFailed(routers, before);
        } else {
            loseARack(routers);
        }
        return live ? recoveryNs : -1;
    }

    /** Copies come apart, and then a whole rack is lost that none needs. */
    private void loseARack(final List<SimRouter> routers) {
        final RackPromises racks = new RackPromises(context, hosts, injector::wasMoved);
        if (!racks.apply()) {
            return;
        }
        if (!await(LIVENESS_NS, () -> isSteady() && racks.broken().isEmpty())) {
            if (world.violation() == null) {
                world.violate("copies keep apart by rack where there is room", String.join("; ", racks.broken()));
            }
            return;
        }
        final String lost = racks.rackToLose();
        if (lost == null) {
            return;
        }
        world.note("simulation", () -> lost + " is lost");
        racks.lose(lost);
        final List<Long> before =
                routers.stream().map(SimRouter::finishedRequests).toList();
        if (!await(LIVENESS_NS, () -> haveProgressed(routers, before)) && world.violation() == null) {
            world.violate("a rack that no unit needs may be lost", lost + " was lost");
        }
    }

    private void startCoordinators() {
        hosts.coordinators().forEach(coordinator -> {
            if (!coordinator.isUp()) {
                coordinator.start(random.nextLong());
            }
        });
    }

    private void demandFailed(final List<SimRouter> routers, final List<Long> before) {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < routers.size(); i++) {
            final SimRouter router = routers.get(i);
            text.append(router.name())
                    .append(router.isReady() ? " is ready" : " isn't ready")
                    .append(", finished ")
                    .append(router.finishedRequests() - before.get(i))
                    .append("; ");
        }
        final SimCoordinator leader = context.cluster().active();
        final PlacementState state = leader == null ? null : leader.state();
        text.append("the coordinator is ").append(state == null ? "away" : state.phase());
        hosts.nodes().forEach(node -> text.append("; ").append(node.describe()));
        routers.forEach(router -> text.append("; ").append(router.describe()));
        world.violate("a healed core makes progress", text.toString());
    }

    private boolean isSteady() {
        final SimCoordinator leader = context.cluster().active();
        final PlacementState state = leader == null || !leader.isLeading() ? null : leader.state();
        return state != null
                && state.phase() == Phase.STEADY
                && state.unitsWithoutNode().isEmpty();
    }

    private static boolean haveProgressed(final List<SimRouter> routers, final List<Long> before) {
        for (int i = 0; i < routers.size(); i++) {
            if (!routers.get(i).isServing() || routers.get(i).finishedRequests() < before.get(i) + 2) {
                return false;
            }
        }
        return true;
    }

    /** Enough nodes for all units, by chance which; the others stay dead. */
    private List<SimNode> healNodes() {
        final ClusterShape shape = parameters.shape;
        final int needed = Math.min(shape.nodes, Math.ceilDiv(shape.units(), shape.unitsOfMemory));
        final int drawn = needed + random.nextInt(shape.nodes - needed + 1);
        final int size = shape.racks.count() > 0 && random.nextBoolean() ? shape.nodes : drawn; // or no rack is left
        final List<SimNode> core = shuffled(hosts.nodes()).subList(0, size);
        for (final SimNode node : hosts.nodes()) {
            if (!core.contains(node)) {
                node.retire();
            } else {
                if (node.livesWithoutMemory()) {
                    node.crash("gets its memory back");
                }
                node.start();
            }
        }
        return core;
    }

    private List<SimRouter> healRouters() {
        final List<SimRouter> core = shuffled(hosts.routers()).subList(0, 1 + random.nextInt(parameters.shape.routers));
        for (final SimRouter router : hosts.routers()) {
            if (core.contains(router)) {
                router.start();
            } else {
                router.retire();
            }
        }
        return core;
    }

    private <T> List<T> shuffled(final List<T> list) {
        final List<T> shuffled = new ArrayList<>(list);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            final int other = random.nextInt(i + 1);
            shuffled.set(i, shuffled.set(other, shuffled.get(i)));
        }
        return shuffled;
    }

    /** No more requests: everything goes back where it belongs. */
    private void settle() {
        hosts.routers().forEach(SimRouter::stopClients);
        final List<SimRouter> routers =
                hosts.routers().stream().filter(SimRouter::isUp).toList();
        final boolean idle = await(
                parameters.times.deadlineNs + LIVENESS_NS,
                () -> routers.stream().allMatch(SimRouter::isIdle));
        if (world.violation() != null) {
            return;
        }
        if (!idle) {
            world.violate("every request ends by its deadline", "routers still wait");
            return;
        }
        final Supplier<List<String>> leftovers = () -> leftovers(routers);
        if (!await(SETTLE_NS, () -> leftovers.get().isEmpty()) && world.violation() == null) {
            world.violate("rows and credits are conserved", String.join("; ", leftovers.get()));
        }
    }

    private List<String> leftovers(final List<SimRouter> routers) {
        final List<String> found = new ArrayList<>();
        routers.forEach(router -> found.addAll(router.leftovers()));
        for (final SimNode node : hosts.nodes()) {
            if (node.heldRows() > 0) {
                found.add(node.name() + " holds " + node.heldRows() + " rows");
            }
            if (node.owedNacks() > 0) {
                found.add(node.name() + " owes " + node.owedNacks() + " refusals");
            }
        }
        return found;
    }

    private boolean await(final long limitNs, final BooleanSupplier condition) {
        final long endNs = world.nowNs() + limitNs;
        while (world.nowNs() < endNs && world.violation() == null) {
            if (condition.getAsBoolean()) {
                return true;
            }
            world.runUntil(world.nowNs() + SLICE_NS);
        }
        return false;
    }

    private SimResult result(final long recoveryNs) {
        final SortedMap<String, Long> requests = new TreeMap<>();
        long steps = 0;
        long rows = 0;
        for (final SimRouter router : hosts.routers()) {
            router.outcomes().forEach((how, count) -> requests.merge(how, count, Long::sum));
            steps += router.steps();
            rows += router.rows();
        }
        countNetworkFaults();
        return new SimResult(
                parameters.seed,
                world.violation(),
                world.nowNs(),
                world.handled(),
                steps,
                rows,
                context.plane().packets(),
                requests,
                recoveryNs,
                context.cluster().successions(),
                context.faults(),
                context.coverage(),
                world.fingerprint(),
                world.trace());
    }

    private void countNetworkFaults() {
        context.faults().add(FaultKind.LOSS, context.plane().lost());
        context.faults().add(FaultKind.DUPLICATION, context.plane().duplicated());
        context.faults().add(FaultKind.REORDERING, context.plane().reordered());
        context.faults().add(FaultKind.CORRUPTION, context.plane().corrupted());
    }
}
