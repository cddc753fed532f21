package io.cheshire.coordinator.core.balance;

import java.util.Arrays;

/**
 * Splits the rows of one batch over the replicas of their units, so that the slowest node is done soonest. The fine work
 * between two placement epochs.
 *
 * <p>With divisible rows this is the linear programme: minimise T subject to
 * {@code base(n) + rowNs(n) * (sum over u of x(u,n)) <= T} and {@code sum over n of x(u,n) = rows(u)}. It is solved by
 * water-filling unit by unit: each unit levels its own nodes while the others stand still, over and over. That is
 * block-coordinate descent on the (rate-weighted) sum of squared times, whose minimum is the most even split there is and
 * so the least T (Megiddo, "Optimal flows in networks with multiple sources and sinks", 1974; LPLB, DeepSeek 2025, solves
 * the same programme by interior points).
 *
 * <p>A part smaller than the ridge of the roofline ({@link Roofline#ridgeRows}) costs as much as a ridge of rows, since the
 * node reads the whole unit either way: so a unit with few rows stays whole, and which holder takes it is a choice of one.
 * Whole units are seated greedily, then the slowest node is relieved along augmenting paths (a unit moves on, if need be
 * after another made room for it): where all cost the same, as in decode, no seating has a less burdened slowest node.
 *
 * <p>Not thread-safe; allocates nothing after construction. Deterministic.
 */
public final class ReplicaSplit {
    /** Bound on rounds over all units, both ways. Levelling a ring of 16 nodes takes about 40. */
    private static final int ROUNDS = 96;

    /** A round that changes no node by more than this part of the mean time is the last. */
    private static final double SETTLED = 1e-3;

    /** The slowest node is near enough to the lower bound at so many times that. */
    private static final double CLOSE = 1.003;

    private final int units;
    private final int nodes;
    private final double[] part;
    private final double[] timeNs;
    private final long[] open;
    private final double[] effective;
    private final long[] wholeOn;
    private final int[] ranked;
    private final int[] order;
    private long visited;
    private double limitNs;

    /**
     * @param units units of one layer, at most 64
     * @param nodes nodes, at most {@value Assignment#MAX_NODES}
     */
    public ReplicaSplit(final int units, final int nodes) {
        if (nodes > Assignment.MAX_NODES || units > Long.SIZE) {
            throw new IllegalArgumentException(
                    units + " units, " + nodes + " nodes: at most " + Long.SIZE + " of each are supported");
        }
        this.units = units;
        this.nodes = nodes;
        this.part = new double[Math.multiplyExact(units, nodes)];
        this.timeNs = new double[nodes];
        this.open = new long[units];
        this.effective = new double[units];
        this.wholeOn = new long[nodes];
        this.ranked = new int[nodes];
        this.order = new int[units];
    }

    /**
     * Decides one batch.
     *
     * @param rows      rows of each unit, {@code [units]}
     * @param holders   mask of the live nodes that hold the unit, {@code [units]}; not 0 where there are rows
     * @param rowNs     ns of arithmetic for a row on each node, {@code [nodes]}
     * @param baseNs    what each node has to do before, {@code [nodes]}
     * @param ridgeRows smallest part worth a second reading of the weights; 0 where reading is free
     * @param out       takes the rows of unit u on node n at {@code u * nodes + n}
     * @return the slowest node's predicted time, ns
     * @throws IllegalArgumentException when a unit with rows has no holder: such a lane parks, it isn't split
     */
    public double split(
            final int[] rows,
            final long[] holders,
            final double[] rowNs,
            final double[] baseNs,
            final double ridgeRows,
            final int[] out) {
        Arrays.fill(part, 0);
        System.arraycopy(baseNs, 0, timeNs, 0, nodes);
        Arrays.fill(wholeOn, 0);
        rank(rows, holders, ridgeRows);
        for (int i = 0; i < units; i++) {
            seat(order[i], rows[order[i]], holders[order[i]], rowNs, ridgeRows);
        }
        relieve(rows, holders, rowNs);
        level(rows, rowNs);
        if (ridgeRows > 1 && closeSmallParts(rows, rowNs, ridgeRows)) {
            level(rows, rowNs);
            closeSmallParts(rows, rowNs, ridgeRows);
        }
        return round(rows, rowNs, baseNs, ridgeRows, out);
    }

    /** Units by falling cost; of equal ones those with the least choice first. */
    private void rank(final int[] rows, final long[] holders, final double ridgeRows) {
        for (int u = 0; u < units; u++) {
            if (rows[u] > 0 && holders[u] == 0) {
                throw new IllegalArgumentException("unit " + u + " has " + rows[u] + " rows and no live node holds it");
            }
            effective[u] = rows[u] == 0 ? 0 : Math.max(rows[u], ridgeRows);
            int at = u;
            while (at > 0 && comesBefore(u, order[at - 1], holders)) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = u;
        }
    }

    private boolean comesBefore(final int unit, final int other, final long[] holders) {
        return effective[unit] > effective[other]
                || (effective[unit] == effective[other]
                        && Long.bitCount(holders[unit]) < Long.bitCount(holders[other]));
    }

    /** Gives a unit to the node that is done with it first; what may be split is levelled later. */
    private void seat(
            final int unit, final int rows, final long holders, final double[] rowNs, final double ridgeRows) {
        open[unit] = 0;
        if (rows == 0) {
            return;
        }
        int best = -1;
        double bestNs = Double.POSITIVE_INFINITY;
        for (long mask = holders; mask != 0; mask &= mask - 1) {
            final int node = Long.numberOfTrailingZeros(mask);
            final double doneNs = timeNs[node] + effective[unit] * rowNs[node];
            if (doneNs < bestNs) {
                best = node;
                bestNs = doneNs;
            }
        }
        timeNs[best] = bestNs;
        part[unit * nodes + best] = rows;
        final boolean divisible = rows >= 2 && rows >= 2 * ridgeRows && (holders & (holders - 1)) != 0;
        open[unit] = divisible ? holders : 0;
        wholeOn[best] |= divisible ? 0 : 1L << unit;
    }

    /** Moves whole units off the slowest node as long as that leaves every other node faster than it was. */
    private void relieve(final int[] rows, final long[] holders, final double[] rowNs) {
        for (int round = 0; round < units; round++) {
            int slowest = 0;
            for (int n = 1; n < nodes; n++) {
                slowest = timeNs[n] > timeNs[slowest] ? n : slowest;
            }
            visited = 0;
            limitNs = timeNs[slowest] * (1 - 1e-9);
            if (!makeRoom(slowest, limitNs, rows, holders, rowNs)) {
                return;
            }
        }
    }

    /** Moves one whole unit away so that the node's time falls below {@code targetNs}, and no other reaches the limit. */
    private boolean makeRoom(
            final int node, final double targetNs, final int[] rows, final long[] holders, final double[] rowNs) {
        visited |= 1L << node;
        for (long whole = wholeOn[node]; whole != 0; whole &= whole - 1) {
            final int unit = Long.numberOfTrailingZeros(whole);
            if (timeNs[node] - effective[unit] * rowNs[node] < targetNs) {
                for (long mask = holders[unit] & ~visited; mask != 0; mask = mask & (mask - 1) & ~visited) {
                    final int to = Long.numberOfTrailingZeros(mask);
                    final double mostNs = limitNs - effective[unit] * rowNs[to];
                    if (timeNs[to] < mostNs || makeRoom(to, mostNs, rows, holders, rowNs)) {
                        move(unit, node, to, rows, rowNs);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private void move(final int unit, final int from, final int to, final int[] rows, final double[] rowNs) {
        wholeOn[from] &= ~(1L << unit);
        wholeOn[to] |= 1L << unit;
        timeNs[from] -= effective[unit] * rowNs[from];
        timeNs[to] += effective[unit] * rowNs[to];
        part[unit * nodes + from] = 0;
        part[unit * nodes + to] = rows[unit];
    }

    /**
     * Rounds of water-filling, forwards and backwards in turn so that relief travels along a chain in one go. Done when a
     * round changes little, or when the slowest node is next to the time that all nodes would take if all rows could go
     * anywhere: nothing is below that.
     */
    private void level(final int[] rows, final double[] rowNs) {
        double sumNs = 0;
        double work = 0;
        double rate = 0;
        for (int n = 0; n < nodes; n++) {
            sumNs += timeNs[n];
            work += timeNs[n] / rowNs[n];
            rate += 1 / rowNs[n];
        }
        final double settledNs = SETTLED * sumNs / nodes;
        final double closeNs = CLOSE * work / rate;
        double changeNs = Double.POSITIVE_INFINITY;
        for (int round = 0; round < ROUNDS && changeNs > settledNs && slowestNs() > closeNs; round++) {
            changeNs = 0;
            for (int i = 0; i < units; i++) {
                final int unit = order[(round & 1) == 0 ? i : units - 1 - i];
                if (open[unit] != 0) {
                    changeNs = Math.max(changeNs, fill(unit, rows[unit], rowNs));
                }
            }
        }
    }

    private double slowestNs() {
        double slowest = 0;
        for (int n = 0; n < nodes; n++) {
            slowest = timeNs[n] > slowest ? timeNs[n] : slowest;
        }
        return slowest;
    }

    /**
     * Levels one unit's nodes: takes its rows back, then fills the nodes from the soonest free one up to a common time L,
     * {@code sum of (L - time(n)) / rowNs(n) = rows} over the nodes below L.
     *
     * @return the largest change of a node's time, ns
     */
    private double fill(final int unit, final int rows, final double[] rowNs) {
        final int row = unit * nodes;
        int count = 0;
        for (long mask = open[unit]; mask != 0; mask &= mask - 1) {
            final int node = Long.numberOfTrailingZeros(mask);
            timeNs[node] -= part[row + node] * rowNs[node];
            int at = count++;
            while (at > 0 && timeNs[ranked[at - 1]] > timeNs[node]) {
                ranked[at] = ranked[at - 1];
                at--;
            }
            ranked[at] = node;
        }
        double rate = 0;
        double level = 0;
        double weighted = rows;
        int used = 0;
        while (used < count && (used == 0 || timeNs[ranked[used]] < level)) {
            final int node = ranked[used++];
            rate += 1 / rowNs[node];
            weighted += timeNs[node] / rowNs[node];
            level = weighted / rate;
        }
        return pour(row, count, used, level, rowNs);
    }

    private double pour(final int row, final int count, final int used, final double level, final double[] rowNs) {
        double changeNs = 0;
        for (int i = 0; i < count; i++) {
            final int node = ranked[i];
            final double share = i < used ? (level - timeNs[node]) / rowNs[node] : 0;
            changeNs = Math.max(changeNs, Math.abs(share - part[row + node]) * rowNs[node]);
            part[row + node] = share;
            timeNs[node] += share * rowNs[node];
        }
        return changeNs;
    }

    /** Closes parts below the ridge, the smallest of each unit at a time, and levels the unit over what is left. */
    private boolean closeSmallParts(final int[] rows, final double[] rowNs, final double ridgeRows) {
        boolean closed = false;
        for (int u = 0; u < units; u++) {
            for (int node = smallPart(u, ridgeRows); node >= 0; node = smallPart(u, ridgeRows)) {
                timeNs[node] -= part[u * nodes + node] * rowNs[node];
                part[u * nodes + node] = 0;
                open[u] &= ~(1L << node);
                fill(u, rows[u], rowNs);
                closed = true;
            }
        }
        return closed;
    }

    /** The open node with the smallest part below the ridge; -1 for none, or where it is the last open one. */
    private int smallPart(final int unit, final double ridgeRows) {
        int smallest = -1;
        if ((open[unit] & (open[unit] - 1)) == 0) {
            return -1;
        }
        for (long mask = open[unit]; mask != 0; mask &= mask - 1) {
            final int node = Long.numberOfTrailingZeros(mask);
            final double size = part[unit * nodes + node];
            if (size < ridgeRows && (smallest < 0 || size < part[unit * nodes + smallest])) {
                smallest = node;
            }
        }
        return smallest;
    }

    /** Whole rows: every part is cut down, what is left over goes row by row to the node that is done soonest with it. */
    private double round(
            final int[] rows, final double[] rowNs, final double[] baseNs, final double ridgeRows, final int[] out) {
        System.arraycopy(baseNs, 0, timeNs, 0, nodes);
        for (int u = 0; u < units; u++) {
            for (int n = 0; n < nodes; n++) {
                final int whole = (int) (part[u * nodes + n] + 1e-9);
                out[u * nodes + n] = whole;
                timeNs[n] += whole == 0 ? 0 : Math.max(whole, ridgeRows) * rowNs[n];
            }
        }
        for (int u = 0; u < units; u++) {
            int left = rows[u];
            for (int n = 0; n < nodes; n++) {
                left -= out[u * nodes + n];
            }
            for (; left > 0; left--) {
                final int node = soonest(u, rowNs);
                out[u * nodes + node]++;
                timeNs[node] += rowNs[node];
            }
        }
        return slowestNs();
    }

    private int soonest(final int unit, final double[] rowNs) {
        int best = -1;
        for (int n = 0; n < nodes; n++) {
            final boolean allowed = part[unit * nodes + n] > 0;
            if (allowed && (best < 0 || timeNs[n] + rowNs[n] < timeNs[best] + rowNs[best])) {
                best = n;
            }
        }
        return best;
    }
}
