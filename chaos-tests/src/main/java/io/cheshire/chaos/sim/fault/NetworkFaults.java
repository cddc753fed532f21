package io.cheshire.chaos.sim.fault;

import io.cheshire.chaos.sim.SimHosts;
import io.cheshire.chaos.sim.net.MediaDrivers;
import io.cheshire.chaos.sim.net.Paths;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Ways between hosts that lose, delay or carry nothing for a while, on either plane. Each answers whether anything
 * was done.
 */
final class NetworkFaults {
    private final Strikes strikes;
    private final SimHosts hosts;
    private final Paths dataPaths;
    private final Paths controlPaths;

    NetworkFaults(final Strikes strikes, final SimHosts hosts, final Paths dataPaths, final Paths controlPaths) {
        this.strikes = strikes;
        this.hosts = hosts;
        this.dataPaths = dataPaths;
        this.controlPaths = controlPaths;
    }

    void heal() {
        dataPaths.heal();
        controlPaths.heal();
    }

    boolean loss() {
        final SimProcess from = strikes.one(hosts.serving());
        final SimProcess to = strikes.one(hosts.serving());
        final double fraction = strikes.random.nextDouble() * 0.7;
        return strikes.forAWhile(
                () -> dataPaths.addLoss(from.host(), to.host(), fraction),
                () -> dataPaths.addLoss(from.host(), to.host(), -fraction));
    }

    boolean straggler() {
        final SimProcess slow = strikes.one(hosts.serving());
        final long ns = strikes.random.nextLong(200 * World.MS);
        return strikes.forAWhile(() -> delay(slow, ns), () -> delay(slow, -ns));
    }

    private void delay(final SimProcess slow, final long ns) {
        for (final SimProcess other : hosts.all()) {
            dataPaths.addDelay(slow.host(), other.host(), ns);
            dataPaths.addDelay(other.host(), slow.host(), ns);
        }
    }

    boolean partitionData() {
        return partition(dataPaths, hosts.serving());
    }

    boolean partitionControl() {
        return partition(controlPaths, hosts.all());
    }

    /** Cuts a random subset off, in both directions. */
    private boolean partition(final Paths paths, final List<SimProcess> among) {
        final List<SimProcess> cut = new ArrayList<>();
        final int size = strikes.random.nextInt(3) == 0 ? among.size() / 2 : 1;
        for (int i = 0; i < size; i++) {
            cut.add(strikes.one(among));
        }
        final List<int[]> pairs = new ArrayList<>();
        for (final SimProcess a : among) {
            for (final SimProcess b : among) {
                if (cut.contains(a) != cut.contains(b)) {
                    pairs.add(new int[] {a.host(), b.host()});
                }
            }
        }
        return block(paths, pairs);
    }

    private boolean block(final Paths paths, final List<int[]> pairs) {
        return strikes.forAWhile(
                () -> pairs.forEach(pair -> paths.block(pair[0], pair[1])),
                () -> pairs.forEach(pair -> paths.unblock(pair[0], pair[1])));
    }

    boolean oneWayOfData() {
        return oneWay(dataPaths, hosts.serving());
    }

    boolean oneWayOfControl() {
        return oneWay(controlPaths, hosts.all());
    }

    private boolean oneWay(final Paths paths, final List<SimProcess> among) {
        final int from = strikes.one(among).host();
        final int to = strikes.one(among).host();
        return block(paths, List.of(new int[] {from, to}));
    }

    /** A partition that has a name, on either plane, the hosts in any order. */
    boolean shape(final Function<List<Integer>, List<int[]>> shape) {
        final boolean data = strikes.random.nextBoolean();
        final List<Integer> ring = new ArrayList<>();
        for (final SimProcess host : data ? hosts.serving() : hosts.all()) {
            ring.add(strikes.random.nextInt(ring.size() + 1), host.host());
        }
        final List<int[]> pairs = shape.apply(ring);
        return !pairs.isEmpty() && block(data ? dataPaths : controlPaths, pairs);
    }

    /** Down and up in turn, each for as long. */
    boolean flap() {
        final boolean data = strikes.random.nextBoolean();
        final List<SimProcess> among = data ? hosts.serving() : hosts.all();
        final int a = strikes.one(among).host();
        final int b = strikes.one(among).host();
        if (a == b) {
            return false;
        }
        final long halfNs = (10 + strikes.random.nextLong(190)) * World.MS;
        flap(data ? dataPaths : controlPaths, a, b, halfNs, (int) (1 + strikes.durationNs() / (2 * halfNs)));
        return true;
    }

    private void flap(final Paths paths, final int a, final int b, final long halfNs, final int times) {
        paths.block(a, b);
        paths.block(b, a);
        strikes.after(halfNs, () -> {
            paths.unblock(a, b);
            paths.unblock(b, a);
            strikes.after(halfNs, () -> {
                if (times > 1) {
                    flap(paths, a, b, halfNs, times - 1);
                }
            });
        });
    }

    /** Half of the hosts, one by one, each for a time of its own. */
    boolean clog() {
        long delayNs = 0;
        for (final SimProcess host : hosts.serving()) {
            if (strikes.random.nextBoolean()) {
                strikes.after(delayNs, () -> strikes.forAWhile(() -> clog(host, true), () -> clog(host, false)));
                delayNs += strikes.random.nextLong(50 * World.MS);
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

    /** The control plane doesn't reach a host, nor it the others, for so long. */
    void cutOffFromControl(final SimProcess host, final long ns) {
        for (final SimProcess other : hosts.all()) {
            cutOff(host.host(), other.host(), ns);
            cutOff(other.host(), host.host(), ns);
        }
    }

    /** A host hears nothing of the control plane for so long, and the others hear it. */
    void deafenToControl(final SimProcess host, final long ns) {
        for (final SimProcess other : hosts.all()) {
            cutOff(other.host(), host.host(), ns);
        }
    }

    private void cutOff(final int from, final int to, final long ns) {
        controlPaths.block(from, to);
        strikes.after(ns, () -> controlPaths.unblock(from, to));
    }

    /** One host's media driver is slow, or refuses. */
    boolean mediaDriver(final MediaDrivers drivers) {
        final int host = strikes.one(hosts.serving()).host();
        final MediaDrivers.Trouble trouble =
                strikes.random.nextBoolean() ? MediaDrivers.Trouble.SLOW : MediaDrivers.Trouble.REFUSING;
        return strikes.forAWhile(() -> drivers.afflict(host, trouble), () -> drivers.relieve(host));
    }
}
