package io.cheshire.chaos.sim.fault;

import io.cheshire.chaos.sim.SimHosts;
import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.node.SimNode;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.router.SimRouter;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;

/**
 * Processes that die, stand still, are slow or fail at what they do, for a while. Each answers whether anything was
 * done.
 */
final class ProcessFaults {
    private static final int ONE_MOVES_IN = 2;

    /** Twice as long as a process whose GPU is lost waits before it leaves. */
    private static final long LONGEST_REFUSING_NS = 600 * World.MS;

    private final Strikes strikes;
    private final World world;
    private final RunParameters parameters;
    private final SimHosts hosts;

    ProcessFaults(final Strikes strikes, final World world, final RunParameters parameters, final SimHosts hosts) {
        this.strikes = strikes;
        this.world = world;
        this.parameters = parameters;
        this.hosts = hosts;
    }

    /** They go on, and as fast and as well as they can. */
    void heal() {
        hosts.all().forEach(SimProcess::resume);
        for (final SimNode node : hosts.nodes()) {
            node.setCold(false);
            node.setLacksMemory(false);
            node.setComputeSlowdown(1);
            node.setLoadSlowdown(1);
            node.setLoadsFail(false);
            node.setReadsOtherBytes(false);
            node.setComputeFailures(0);
        }
    }

    /** In order, and in half of the cases while it has more to do than it can. */
    void leave(final SimNode node) {
        if (strikes.random.nextBoolean()) {
            slow(node);
        }
        strikes.after(strikes.random.nextLong(20 * World.MS) + 1, node::leave);
    }

    boolean slowNode() {
        return slow(strikes.one(hosts.nodes()));
    }

    private boolean slow(final SimNode node) {
        return strikes.forAWhile(
                () -> node.setComputeSlowdown(5 + strikes.random.nextInt(50)), () -> node.setComputeSlowdown(1));
    }

    boolean slowLoad() {
        final SimNode node = strikes.one(hosts.nodes());
        return strikes.forAWhile(
                () -> node.setLoadSlowdown(5 + strikes.random.nextInt(50)), () -> node.setLoadSlowdown(1));
    }

    boolean failedLoad() {
        final SimNode node = strikes.one(hosts.nodes());
        return strikes.forAWhile(() -> node.setLoadsFail(true), () -> node.setLoadsFail(false));
    }

    boolean otherBytes() {
        final SimNode node = strikes.one(hosts.nodes());
        return strikes.forAWhile(() -> node.setReadsOtherBytes(true), () -> node.setReadsOtherBytes(false));
    }

    boolean computeFailure() {
        final SimNode node = strikes.one(hosts.nodes());
        return strikes.forAWhile(() -> node.setComputeFailures(0.3), () -> node.setComputeFailures(0));
    }

    boolean loseDevice() {
        return strikes.one(hosts.nodes()).loseDevice(strikes.random.nextLong(LONGEST_REFUSING_NS));
    }

    boolean fullMemory() {
        final SimNode node = strikes.one(hosts.nodes());
        node.setLacksMemory(true);
        crashAndRestart(node);
        return strikes.forAWhile(() -> {}, () -> {
            node.setLacksMemory(false);
            crashAndRestart(node);
        });
    }

    boolean crashNode(final boolean cold) {
        final SimNode node = strikes.one(hosts.nodes());
        node.setCold(cold);
        crashAndRestart(node);
        return true;
    }

    /** All at once, and each is back when it is: half of them in any rack. */
    boolean loseRack() {
        if (parameters.shape.racks.count() == 0) {
            return false;
        }
        final String lost = parameters.shape.racks.any(strikes.random);
        boolean any = false;
        for (final SimNode node : hosts.nodes()) {
            if (node.rack().equals(lost)) {
                any |= node.isUp();
                crashAndRestart(node);
                if (strikes.random.nextInt(ONE_MOVES_IN) == 0) {
                    node.moveToRack(parameters.shape.racks.any(strikes.random));
                }
            }
        }
        return any;
    }

    void crashAndRestart(final SimNode node) {
        node.crash("killed");
        world.after(restartDelayNs(), node::start);
    }

    private long restartDelayNs() {
        return strikes.random.nextInt(4) == 0
                ? 1
                : parameters.times.restartNs / 2 + strikes.random.nextLong(parameters.times.restartNs);
    }

    boolean crashLoop() {
        crashLoop(
                strikes.one(hosts.nodes()),
                20 * World.MS + strikes.random.nextLong(300 * World.MS),
                3 + strikes.random.nextInt(8));
        return true;
    }

    /** Each time it is up for a while: long enough to join, perhaps to load. */
    private void crashLoop(final SimNode node, final long upNs, final int times) {
        node.crash("crashes again");
        world.after(1 + strikes.random.nextLong(20 * World.MS), () -> {
            node.start();
            strikes.after(upNs, () -> {
                if (times > 1) {
                    crashLoop(node, upNs, times - 1);
                }
            });
        });
    }

    boolean crashRouter() {
        final SimRouter router = strikes.one(hosts.routers());
        router.crash("killed");
        world.after(restartDelayNs(), router::start);
        return true;
    }

    boolean crash(final SimCoordinator coordinator) {
        if (!coordinator.isUp()) {
            return false;
        }
        coordinator.crash("killed");
        world.after(restartDelayNs(), () -> startAgain(coordinator));
        return true;
    }

    private void startAgain(final SimCoordinator coordinator) {
        if (!coordinator.isUp()) {
            coordinator.start(strikes.random.nextLong());
        }
    }

    boolean pause() {
        final SimProcess process = strikes.one(hosts.serving());
        process.pauseUntil(world.nowNs() + strikes.durationNs());
        return process.isUp();
    }

    boolean jumpClock() {
        strikes.one(hosts.all()).jumpClock(strikes.random.nextLong(5_000 * World.MS));
        return true;
    }
}
