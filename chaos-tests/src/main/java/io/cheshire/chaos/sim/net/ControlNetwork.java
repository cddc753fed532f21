package io.cheshire.chaos.sim.net;

import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The network that carries control messages, as Artery over TCP does: in order per pair, at most once. What can't get
 * through waits; when that takes too long, or an end dies, the connection breaks and all that was under way is lost.
 */
public final class ControlNetwork {
    private static final long RETRY_NS = 10 * World.MS;

    private final World world;
    private final Paths paths;
    private final SplittableRandom random;
    private final long delayNs;
    private final long jitterNs;
    private final long giveUpNs;
    private final Map<Long, ArrayDeque<Mail>> lines = new HashMap<>();
    private long lost;
    private long sent;

    private record Mail(SimProcess from, SimProcess to, int toLife, long sentNs, long dueNs, Runnable effect) {}

    /** @param giveUpNs a connection on which a message waited for so long is broken */
    public ControlNetwork(
            final World world, final Paths paths, final long delayNs, final long jitterNs, final long giveUpNs) {
        this.world = world;
        this.paths = paths;
        this.random = world.newRandom();
        this.delayNs = delayNs;
        this.jitterNs = jitterNs;
        this.giveUpNs = giveUpNs;
    }

    public Paths paths() {
        return paths;
    }

    /** Whether both ways between two hosts are free. */
    public boolean areInTouch(final SimProcess a, final SimProcess b) {
        return !paths.isBlocked(a.host(), b.host()) && !paths.isBlocked(b.host(), a.host());
    }

    /** Sends a message: {@code effect} is what the receiver does on it. */
    public void send(final SimProcess from, final SimProcess to, final Runnable effect) {
        sent++;
        final ArrayDeque<Mail> line = lines.computeIfAbsent(pair(from, to), pair -> new ArrayDeque<>());
        final long dueNs = world.nowNs()
                + delayNs
                + (jitterNs == 0 ? 0 : random.nextLong(jitterNs))
                + paths.extraDelayNs(from.host(), to.host());
        line.add(new Mail(from, to, to.life(), world.nowNs(), dueNs, effect));
        if (line.size() == 1) {
            world.after(dueNs - world.nowNs(), () -> arrive(line));
        }
    }

    /** The connection between two hosts breaks: what is under way on it is lost. False where nothing was. */
    public boolean reset(final SimProcess a, final SimProcess b) {
        final boolean there = lose(a, b);
        final boolean back = lose(b, a);
        return there || back;
    }

    private boolean lose(final SimProcess from, final SimProcess to) {
        final ArrayDeque<Mail> line = lines.remove(pair(from, to));
        if (line == null || line.isEmpty()) {
            return false;
        }
        lost += line.size();
        line.clear();
        return true;
    }

    private static long pair(final SimProcess from, final SimProcess to) {
        return (long) from.host() << 32 | to.host();
    }

    private void arrive(final ArrayDeque<Mail> line) {
        if (line.isEmpty()) { // it was reset
            return;
        }
        final Mail mail = line.element();
        final boolean broken = mail.to.life() != mail.toLife || !mail.to.isUp();
        if (!broken && paths.isBlocked(mail.from.host(), mail.to.host())) {
            if (world.nowNs() - mail.sentNs < giveUpNs) {
                world.after(RETRY_NS, () -> arrive(line));
                return;
            }
            lost += line.size();
            line.clear();
            return;
        }
        line.remove();
        if (broken) {
            lost++;
        } else {
            mail.to.later(0, mail.effect);
        }
        if (!line.isEmpty()) {
            world.after(line.element().dueNs - world.nowNs(), () -> arrive(line));
        }
    }

    public long lost() {
        return lost;
    }

    public long sent() {
        return sent;
    }
}
