package io.cheshire.chaos.sim.fault;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.Hosts;
import io.cheshire.chaos.sim.Setting;
import io.cheshire.chaos.sim.Swarm;
import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.net.Paths;
import io.cheshire.chaos.sim.node.SimNode;
import io.cheshire.chaos.sim.router.SimRouter;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.core.PlacementEvent;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Strikes at random among the families that the run has on, and takes back what it did after a while. */
public final class FaultInjector {
    private final World world;
    private final Setting setting;
    private final Swarm swarm;
    private final Hosts hosts;
    private final Paths dataPaths;
    private final Paths controlPaths;
    private final SplittableRandom random;
    private final List<FaultKind> kinds;
    private boolean over;

    public FaultInjector(final Setting setting, final Hosts hosts, final Paths dataPaths, final Paths controlPaths) {
        this.world = setting.world();
        this.setting = setting;
        this.swarm = setting.swarm();
        this.hosts = hosts;
        this.dataPaths = dataPaths;
        this.controlPaths = controlPaths;
        this.random = world.newRandom();
        this.kinds = List.copyOf(swarm.faults);
    }

    /** Strikes from now on. */
    public void start() {
        if (!kinds.isEmpty()) {
            world.after(random.nextLong(2 * swarm.faultIntervalNs) + 1, this::strike);
        }
    }

    /** Strikes no more; what was done to the network and the processes is taken back. */
    public void stop() {
        over = true;
        dataPaths.heal();
        controlPaths.heal();
        setting.plane().calm();
        hosts.all().forEach(SimProcess::resume);
        for (final SimNode node : hosts.nodes()) {
            node.setCold(false);
            node.setLacksMemory(false);
            node.setComputeSlowdown(1);
            node.setLoadSlowdown(1);
            node.setLoadsFail(false);
            node.setComputeFailures(0);
        }
        final SimCoordinator leader = setting.cluster().active();
        if (leader != null) {
            hosts.nodes().forEach(node -> leader.decide(new PlacementEvent.Undrain(node.nodeId(), "all is well")));
        }
    }

    private void strike() {
        if (over) {
            return;
        }
        final FaultKind kind = kinds.get(random.nextInt(kinds.size()));
        if (apply(kind)) {
            world.note("fault", kind::name);
            setting.faults().count(kind);
        }
        start();
    }

    private long duration() {
        return swarm.faultNs / 4 + random.nextLong(2 * swarm.faultNs);
    }

    private <T> T one(final List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** Does something now and takes it back later. */
    private boolean forAWhile(final Runnable does, final Runnable undoes) {
        does.run();
        world.after(duration(), () -> {
            if (!over) {
                undoes.run();
            }
        });
        return true;
    }

    /** Whether anything was done. */
    private boolean apply(final FaultKind kind) {
        return switch (kind) {
            case LOSS -> loss();
            case STRAGGLER -> straggler();
            case CORRUPTION ->
                forAWhile(
                        () -> setting.plane().addCorruption(0.05),
                        () -> setting.plane().addCorruption(-0.05));
            case DUPLICATION, REORDERING, CANCEL -> false;
            case REPLAY -> setting.plane().replay();
            case PARTITION_DATA -> partition(dataPaths, hosts.serving());
            case PARTITION_DATA_ONE_WAY -> oneWay(dataPaths, hosts.serving());
            case CLOG -> clog();
            case PARTITION_CONTROL -> partition(controlPaths, hosts.all());
            case PARTITION_CONTROL_ONE_WAY -> oneWay(controlPaths, hosts.all());
            case NODE_CRASH_WARM, NODE_CRASH_COLD -> crashNode(kind == FaultKind.NODE_CRASH_COLD);
            case ROUTER_CRASH -> crashRouter();
            case PAUSE -> pause();
            case SLOW_NODE -> {
                final SimNode node = one(hosts.nodes());
                yield forAWhile(
                        () -> node.setComputeSlowdown(5 + random.nextInt(50)), () -> node.setComputeSlowdown(1));
            }
            case SLOW_LOAD -> {
                final SimNode node = one(hosts.nodes());
                yield forAWhile(() -> node.setLoadSlowdown(5 + random.nextInt(50)), () -> node.setLoadSlowdown(1));
            }
            case FAILED_LOAD -> {
                final SimNode node = one(hosts.nodes());
                yield forAWhile(() -> node.setLoadsFail(true), () -> node.setLoadsFail(false));
            }
            case FULL_MEMORY -> {
                final SimNode node = one(hosts.nodes());
                node.setLacksMemory(true);
                crashAndRestart(node);
                yield forAWhile(() -> {}, () -> {
                    node.setLacksMemory(false);
                    crashAndRestart(node);
                });
            }
            case COMPUTE_FAILURE -> {
                final SimNode node = one(hosts.nodes());
                yield forAWhile(() -> node.setComputeFailures(0.3), () -> node.setComputeFailures(0));
            }
            case COORDINATOR_CRASH -> crashCoordinator();
            case COORDINATOR_ZOMBIE -> zombie();
            case WISHES -> wish();
            case CLOCK_JUMP -> {
                one(hosts.all()).jumpClock(random.nextLong(5_000 * World.MS));
                yield true;
            }
            case DRAIN -> {
                one(hosts.nodes()).leave();
                yield true;
            }
            case BRIDGE -> shape(PartitionShapes::bridge);
            case MAJORITIES_RING -> shape(PartitionShapes::majoritiesRing);
            case FLAPPING_LINK -> flap();
            case CRASH_LOOP -> crashLoop();
        };
    }

    private boolean wish() {
        final SimCoordinator leader = setting.cluster().active();
        if (leader == null || !leader.isRunning()) {
            return false;
        }
        final int nodeId = random.nextInt(swarm.nodes);
        final PlacementEvent wish = switch (random.nextInt(5)) {
            case 0 ->
                new PlacementEvent.Move(
                        new ExpertKey(random.nextInt(swarm.layers), random.nextInt(swarm.experts)),
                        nodeId,
                        random.nextInt(swarm.nodes),
                        "a whim");
            case 1 -> new PlacementEvent.Replicas(1 + random.nextInt(3), "a whim");
            case 2 -> new PlacementEvent.Rebalance(anyPlacement(), "a whim");
            case 3 -> new PlacementEvent.Drain(nodeId, "a whim");
            default -> new PlacementEvent.Undrain(nodeId, "a whim");
        };
        leader.decide(wish);
        return true;
    }

    private List<List<Integer>> anyPlacement() {
        final List<List<Integer>> units = new ArrayList<>();
        for (int unit = 0; unit < swarm.layers * swarm.experts; unit++) {
            units.add(List.of(random.nextInt(swarm.nodes)));
        }
        return units;
    }

    private boolean loss() {
        final SimProcess from = one(hosts.serving());
        final SimProcess to = one(hosts.serving());
        final double fraction = random.nextDouble() * 0.7;
        return forAWhile(
                () -> dataPaths.addLoss(from.host(), to.host(), fraction),
                () -> dataPaths.addLoss(from.host(), to.host(), -fraction));
    }

    private boolean straggler() {
        final SimProcess slow = one(hosts.serving());
        final long ns = random.nextLong(200 * World.MS);
        return forAWhile(() -> delay(slow, ns), () -> delay(slow, -ns));
    }

    private void delay(final SimProcess slow, final long ns) {
        for (final SimProcess other : hosts.all()) {
            dataPaths.addDelay(slow.host(), other.host(), ns);
            dataPaths.addDelay(other.host(), slow.host(), ns);
        }
    }

    /** Cuts a random subset off, in both directions. */
    private boolean partition(final Paths paths, final List<SimProcess> among) {
        final List<SimProcess> cut = new ArrayList<>();
        final int size = random.nextInt(3) == 0 ? among.size() / 2 : 1;
        for (int i = 0; i < size; i++) {
            cut.add(one(among));
        }
        final List<int[]> pairs = new ArrayList<>();
        for (final SimProcess a : among) {
            for (final SimProcess b : among) {
                if (cut.contains(a) != cut.contains(b)) {
                    pairs.add(new int[] {a.host(), b.host()});
                }
            }
        }
        return forAWhile(
                () -> pairs.forEach(pair -> paths.block(pair[0], pair[1])),
                () -> pairs.forEach(pair -> paths.unblock(pair[0], pair[1])));
    }

    private boolean shape(final Function<List<Integer>, List<int[]>> shape) {
        final boolean data = random.nextBoolean();
        final List<Integer> ring = new ArrayList<>();
        for (final SimProcess host : data ? hosts.serving() : hosts.all()) {
            ring.add(random.nextInt(ring.size() + 1), host.host());
        }
        final List<int[]> pairs = shape.apply(ring);
        final Paths paths = data ? dataPaths : controlPaths;
        return !pairs.isEmpty()
                && forAWhile(
                        () -> pairs.forEach(pair -> paths.block(pair[0], pair[1])),
                        () -> pairs.forEach(pair -> paths.unblock(pair[0], pair[1])));
    }

    /** Down and up in turn, each for as long. */
    private boolean flap() {
        final boolean data = random.nextBoolean();
        final List<SimProcess> among = data ? hosts.serving() : hosts.all();
        final int a = one(among).host();
        final int b = one(among).host();
        if (a == b) {
            return false;
        }
        final long halfNs = (10 + random.nextLong(190)) * World.MS;
        flap(data ? dataPaths : controlPaths, a, b, halfNs, (int) (1 + duration() / (2 * halfNs)));
        return true;
    }

    private void flap(final Paths paths, final int a, final int b, final long halfNs, final int times) {
        paths.block(a, b);
        paths.block(b, a);
        world.after(halfNs, () -> {
            if (!over) {
                paths.unblock(a, b);
                paths.unblock(b, a);
                world.after(halfNs, () -> {
                    if (!over && times > 1) {
                        flap(paths, a, b, halfNs, times - 1);
                    }
                });
            }
        });
    }

    private boolean crashLoop() {
        crashLoop(one(hosts.nodes()), 20 * World.MS + random.nextLong(300 * World.MS), 3 + random.nextInt(8));
        return true;
    }

    /** Each time it is up for a while: long enough to join, perhaps to load. */
    private void crashLoop(final SimNode node, final long upNs, final int times) {
        node.crash("crashes again");
        world.after(1 + random.nextLong(20 * World.MS), () -> {
            node.start();
            world.after(upNs, () -> {
                if (!over && times > 1) {
                    crashLoop(node, upNs, times - 1);
                }
            });
        });
    }

    private boolean oneWay(final Paths paths, final List<SimProcess> among) {
        final int from = one(among).host();
        final int to = one(among).host();
        return forAWhile(() -> paths.block(from, to), () -> paths.unblock(from, to));
    }

    /** Half of the hosts, one by one, each for a time of its own. */
    private boolean clog() {
        long delayNs = 0;
        for (final SimProcess host : hosts.serving()) {
            if (random.nextBoolean()) {
                world.after(delayNs, () -> {
                    if (!over) {
                        forAWhile(() -> clog(host, true), () -> clog(host, false));
                    }
                });
                delayNs += random.nextLong(50 * World.MS);
            }
        }
        return true;
    }

    private void clog(final SimProcess host, final boolean blocked) {
        for (final SimProcess other : hosts.serving()) {
            if (blocked) {
                dataPaths.block(other.host(), host.host());
            } else {
                dataPaths.unblock(other.host(), host.host());
            }
        }
    }

    private boolean crashNode(final boolean cold) {
        final SimNode node = one(hosts.nodes());
        node.setCold(cold);
        crashAndRestart(node);
        return true;
    }

    private void crashAndRestart(final SimNode node) {
        node.crash("killed");
        world.after(restartDelay(), node::start);
    }

    private long restartDelay() {
        return random.nextInt(4) == 0 ? 1 : swarm.restartNs / 2 + random.nextLong(swarm.restartNs);
    }

    private boolean crashRouter() {
        final SimRouter router = one(hosts.routers());
        router.crash("killed");
        world.after(restartDelay(), router::start);
        return true;
    }

    private boolean pause() {
        final SimProcess process = one(hosts.serving());
        process.pauseUntil(world.nowNs() + duration());
        return process.isUp();
    }

    private boolean crashCoordinator() {
        final SimCoordinator leader = setting.cluster().active();
        if (leader == null || !leader.isUp()) {
            return false;
        }
        leader.crash("killed");
        world.after(restartDelay(), () -> startAgain(leader));
        return true;
    }

    private void startAgain(final SimCoordinator coordinator) {
        if (!coordinator.isUp()) {
            coordinator.start(random.nextLong());
        }
    }

    /** The leader stands still or is cut off until another one leads, and a bit longer. */
    private boolean zombie() {
        final SimCoordinator leader = setting.cluster().active();
        if (leader == null || !leader.isRunning()) {
            return false;
        }
        final long ns = swarm.downAfterNs + swarm.removalMarginNs + random.nextLong(1_000 * World.MS);
        if (random.nextBoolean()) {
            leader.pauseUntil(world.nowNs() + ns);
        } else {
            for (final SimProcess other : hosts.all()) {
                cutOff(leader.host(), other.host(), ns);
                cutOff(other.host(), leader.host(), ns);
            }
        }
        return true;
    }

    private void cutOff(final int from, final int to, final long ns) {
        controlPaths.block(from, to);
        world.after(ns, () -> {
            if (!over) {
                controlPaths.unblock(from, to);
            }
        });
    }
}
