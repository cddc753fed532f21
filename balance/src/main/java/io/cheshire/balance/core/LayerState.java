package io.cheshire.balance.core;

import java.util.Arrays;
import java.util.List;

/**
 * One layer being placed: who holds what, and every node's load, kept up to date as replicas come and go. A unit's
 * replicas share its cost in proportion to the speed of their nodes, so each adds {@code cost / (sum of their speeds)}
 * to its node's time. Scratch space of one solver: nothing is allocated after construction.
 */
final class LayerState {
    final int units;
    final int nodes;
    final double[] cost;
    final double[] speed;
    /** Least and highest speed. */
    double slowest;

    double fastest;
    final int[] slots;
    /** Replicas every unit must have. */
    int required;
    /** Which nodes fail together. */
    NodeDomains domains = NodeDomains.of(List.of());
    /** Failure domains in which every unit's copies ought to be; 0: it makes no difference. */
    int wantedDomains;
    /** What nodes hold before the change: loading these costs nothing. */
    final long[] before;

    final long[] holders;
    final double[] holderSpeed;
    /** What a unit adds to the time of each of its holders: {@code cost / holderSpeed}. */
    final double[] share;

    final double[] load;
    final int[] used;
    final long[] unitsOn;
    /** Units to load to get here. */
    private int moves;

    LayerState(final int units, final int nodes) {
        this.units = units;
        this.nodes = nodes;
        this.cost = new double[units];
        this.speed = new double[nodes];
        this.slots = new int[nodes];
        this.before = new long[units];
        this.holders = new long[units];
        this.holderSpeed = new double[units];
        this.share = new double[units];
        this.load = new double[nodes];
        this.used = new int[nodes];
        this.unitsOn = new long[nodes];
    }

    /** Takes over another state's placement of the same problem. */
    void copyPlacement(final LayerState other) {
        System.arraycopy(other.holders, 0, holders, 0, units);
        System.arraycopy(other.holderSpeed, 0, holderSpeed, 0, units);
        System.arraycopy(other.share, 0, share, 0, units);
        System.arraycopy(other.load, 0, load, 0, nodes);
        System.arraycopy(other.used, 0, used, 0, nodes);
        System.arraycopy(other.unitsOn, 0, unitsOn, 0, nodes);
        moves = other.moves;
    }

    /** Takes over another state's costs, nodes and starting point. */
    void copyProblem(final LayerState other) {
        System.arraycopy(other.cost, 0, cost, 0, units);
        System.arraycopy(other.speed, 0, speed, 0, nodes);
        System.arraycopy(other.slots, 0, slots, 0, nodes);
        System.arraycopy(other.before, 0, before, 0, units);
        required = other.required;
        domains = other.domains;
        wantedDomains = other.wantedDomains;
        slowest = other.slowest;
        fastest = other.fastest;
    }

    void clear() {
        Arrays.fill(holders, 0);
        Arrays.fill(holderSpeed, 0);
        Arrays.fill(share, 0);
        Arrays.fill(load, 0);
        Arrays.fill(used, 0);
        Arrays.fill(unitsOn, 0);
        moves = 0;
    }

    boolean holds(final int node, final int unit) {
        return (holders[unit] >>> node & 1) != 0;
    }

    boolean hasRoom(final int node) {
        return used[node] < slots[node];
    }

    /** Whether the unit's copies are in fewer failure domains than they ought to be. */
    boolean isShared(final int unit) {
        return domains.isShared(holders[unit], wantedDomains);
    }

    /** Whether a further copy here leaves the unit's copies as far apart as they ought to be, or as they are. */
    boolean mayGain(final int unit, final int node) {
        return mayBecome(unit, holders[unit] | (1L << node));
    }

    /** The same without the copy here. */
    boolean mayLose(final int unit, final int node) {
        return mayBecome(unit, holders[unit] & ~(1L << node));
    }

    /** The same with the copy elsewhere. */
    boolean mayMove(final int unit, final int from, final int to) {
        return mayBecome(unit, (holders[unit] & ~(1L << from)) | (1L << to));
    }

    private boolean mayBecome(final int unit, final long after) {
        return wantedDomains == 0
                || !domains.isShared(after, wantedDomains)
                || (isShared(unit) && domains.count(after) >= domains.count(holders[unit]));
    }

    int replicas(final int unit) {
        return Long.bitCount(holders[unit]);
    }

    /** Adds a replica; room isn't checked, so that a swap can pass through a full node. */
    void add(final int node, final int unit) {
        final double speedNow = holderSpeed[unit] + speed[node];
        final double perNode = cost[unit] / speedNow;
        if (holders[unit] != 0) {
            spread(unit, perNode - share[unit]);
        }
        share[unit] = perNode;
        load[node] += perNode;
        holders[unit] |= 1L << node;
        holderSpeed[unit] = speedNow;
        unitsOn[node] |= 1L << unit;
        used[node]++;
        moves += 1 - (int) (before[unit] >>> node & 1);
    }

    /** Puts a unit that is on no node yet on all of {@code mask} at once; room isn't checked. */
    void place(final long mask, final int unit) {
        double sum = 0;
        for (long left = mask; left != 0; left &= left - 1) {
            sum += speed[Long.numberOfTrailingZeros(left)];
        }
        final double perNode = cost[unit] / sum;
        for (long left = mask; left != 0; left &= left - 1) {
            final int node = Long.numberOfTrailingZeros(left);
            load[node] += perNode;
            unitsOn[node] |= 1L << unit;
            used[node]++;
        }
        share[unit] = perNode;
        holders[unit] = mask;
        holderSpeed[unit] = sum;
        moves += Long.bitCount(mask & ~before[unit]);
    }

    /** Takes a replica away; the last one may go only where another follows. */
    void remove(final int node, final int unit) {
        final double perNode = share[unit];
        load[node] -= perNode;
        holders[unit] &= ~(1L << node);
        unitsOn[node] &= ~(1L << unit);
        used[node]--;
        moves -= 1 - (int) (before[unit] >>> node & 1);
        if (holders[unit] == 0) {
            holderSpeed[unit] = 0;
            share[unit] = 0;
        } else {
            holderSpeed[unit] -= speed[node];
            share[unit] = cost[unit] / holderSpeed[unit];
            spread(unit, share[unit] - perNode);
        }
    }

    private void spread(final int unit, final double change) {
        for (long mask = holders[unit]; mask != 0; mask &= mask - 1) {
            load[Long.numberOfTrailingZeros(mask)] += change;
        }
    }

    /** Time of every node if the work could be divided at will: no placement is below it. */
    double mean() {
        double work = 0;
        double rate = 0;
        for (int u = 0; u < units; u++) {
            work += cost[u];
        }
        for (int n = 0; n < nodes; n++) {
            rate += speed[n];
        }
        return work / rate;
    }

    double hottest() {
        double most = 0;
        for (int n = 0; n < nodes; n++) {
            most = load[n] > most ? load[n] : most;
        }
        return most;
    }

    /** Whether some holder of the unit takes longer than {@code limit}. */
    boolean holdersExceed(final int unit, final double limit) {
        return exceeds(holders[unit], limit);
    }

    /** Whether some of these nodes takes longer than {@code limit}. */
    boolean exceeds(final long some, final double limit) {
        for (long mask = some; mask != 0; mask &= mask - 1) {
            if (load[Long.numberOfTrailingZeros(mask)] > limit) {
                return true;
            }
        }
        return false;
    }

    int hottestNode() {
        int most = 0;
        for (int n = 1; n < nodes; n++) {
            most = load[n] > load[most] ? n : most;
        }
        return most;
    }

    /** Units that must be loaded to get here. */
    int moves() {
        return moves;
    }

    /** Loads afresh from the placement, free of the rounding that additions gather. */
    void recompute() {
        Arrays.fill(load, 0);
        for (int u = 0; u < units; u++) {
            double sum = 0;
            for (long mask = holders[u]; mask != 0; mask &= mask - 1) {
                sum += speed[Long.numberOfTrailingZeros(mask)];
            }
            holderSpeed[u] = sum;
            share[u] = holders[u] == 0 ? 0 : cost[u] / sum;
            spread(u, share[u]);
        }
    }
}
