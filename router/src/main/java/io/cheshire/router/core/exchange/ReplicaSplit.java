package io.cheshire.router.core.exchange;

import java.util.Arrays;

/**
 * Splits the rows of one batch over the replicas of their units, so that the slowest node is done soonest. The fine
 * work between two placement epochs.
 *
 * <p>With divisible rows this is the linear programme: minimise T subject to
 * {@code base(n) + rowNs(n) * (sum over u of x(u,n)) <= T} and {@code sum over n of x(u,n) = rows(u)}. It is solved by
 * water-filling unit by unit: each unit levels its own nodes while the others stand still, over and over. That is
 * block-coordinate descent on the (rate-weighted) sum of squared times, whose minimum is the most even split there is
 * and so the least T (Megiddo, "Optimal flows in networks with multiple sources and sinks", 1974; LPLB, DeepSeek 2025,
 * solves the same programme by interior points).
 *
 * <p>A part smaller than the ridge of the roofline ({@code Roofline.ridgeRows}) costs as much as a ridge of rows, since
 * the node reads the whole unit either way: so a unit with few rows stays whole, and which holder takes it is a choice
 * of one. Whole units are seated greedily, then the slowest node is relieved along augmenting paths (a unit moves on,
 * if need be after another made room for it): where all cost the same, as in decode, no seating has a less burdened
 * slowest node.
 *
 * <p>Not thread-safe; allocates nothing after construction. Deterministic.
 */
public final class ReplicaSplit {
    /** Bound on rounds over all units, both ways. Levelling a ring of 16 nodes takes about 20. */
    private static final int ROUNDS = 96;

    /** A round that changes no node by more than this part of the mean time is the last. */
    private static final double SETTLED = 5e-4;

    /** The slowest node is near enough to the lower bound at so many times that. */
    private static final double CLOSE = 1.007;

    private final int units;
    private final int maxNodes;
    /** Rows of each unit on each node, [units, nodes]. */
    private final double[] part;

    private final double[] timeNs;
    private final double[] beforeNs;
    /** Rows a ns. */
    private final double[] speed;
    /** Nodes that a unit may be split over; 0 for one that stays whole. */
    private final long[] open;
    /** Nodes that have a part of the unit. */
    private final long[] used;

    private final double[] effective;
    private final long[] wholeOn;
    private final int[] order;
    private final int[] byTime;
    /** When the node's time last changed, and the unit was last levelled, counted in levellings. */
    private final int[] changedAt;

    private final int[] levelledAt;
    private int levellings;
    private int nodes;
    private long visited;
    private double limitNs;
    private double settledNs;

    /**
     * @param units units of one layer, at most 64
     * @param nodes nodes, at most 64
     */
    public ReplicaSplit(final int units, final int nodes) {
        if (nodes > Long.SIZE || units > Long.SIZE) {
            throw new IllegalArgumentException(
                    units + " units, " + nodes + " nodes: at most " + Long.SIZE + " of each are supported");
        }
        this.units = units;
        this.maxNodes = nodes;
        this.part = new double[Math.multiplyExact(units, nodes)];
        this.timeNs = new double[nodes];
        this.beforeNs = new double[nodes];
        this.speed = new double[nodes];
        this.open = new long[units];
        this.used = new long[units];
        this.effective = new double[units];
        this.wholeOn = new long[nodes];
        this.order = new int[units];
        this.byTime = new int[nodes];
        this.changedAt = new int[nodes];
        this.levelledAt = new int[units];
    }

    /**
     * Decides one batch.
     *
     * @param nodeCount nodes that take part: {@code [nodes]} below
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
            final int nodeCount,
            final int[] rows,
            final long[] holders,
            final double[] rowNs,
            final double[] baseNs,
            final double ridgeRows,
            final int[] out) {
        begin(nodeCount, rowNs, baseNs);
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

    private void begin(final int nodeCount, final double[] rowNs, final double[] baseNs) {
        if (nodeCount > maxNodes) {
            throw new IllegalArgumentException(nodeCount + " nodes; this was made for " + maxNodes);
        }
        nodes = nodeCount;
        levellings = 0;
        settledNs = 0;
        Arrays.fill(part, 0, units * nodes, 0);
        for (int n = 0; n < nodes; n++) {
            timeNs[n] = baseNs[n];
            speed[n] = 1 / rowNs[n];
            wholeOn[n] = 0;
            changedAt[n] = 0;
            byTime[n] = n;
        }
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

    /** Spreads a unit that may be split; another goes to the node that is done with it first. */
    private void seat(
            final int unit, final int rows, final long holders, final double[] rowNs, final double ridgeRows) {
        open[unit] = 0;
        used[unit] = 0;
        levelledAt[unit] = -1;
        if (rows == 0) {
            return;
        }
        if (rows >= 2 && rows >= 2 * ridgeRows && (holders & (holders - 1)) != 0) {
            open[unit] = holders;
            fill(unit, rows, rowNs);
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
        changedAt[best] = ++levellings;
        part[unit * nodes + best] = rows;
        used[unit] = 1L << best;
        wholeOn[best] |= 1L << unit;
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

    /**
     * Moves one whole unit away so that the node's time falls below {@code targetNs}, and no other reaches the limit.
     */
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
        used[unit] = 1L << to;
        levellings++;
        changedAt[from] = levellings;
        changedAt[to] = levellings;
    }

    /**
     * Rounds of water-filling, forwards and backwards in turn so that relief travels along a chain in one go. A unit
     * whose nodes stood still since its last turn is passed over. Done when nothing changes much, or when the slowest
     * nodes can't be helped.
     */
    private void level(final int[] rows, final double[] rowNs) {
        double sumNs = 0;
        for (int n = 0; n < nodes; n++) {
            sumNs += timeNs[n];
        }
        settledNs = SETTLED * sumNs / nodes;
        boolean moved = true;
        for (int round = 0; round < ROUNDS && moved && !isClose(); round++) {
            moved = false;
            for (int i = 0; i < units; i++) {
                final int unit = order[(round & 1) == 0 ? i : units - 1 - i];
                if (open[unit] != 0 && isStale(unit)) {
                    fill(unit, rows[unit], rowNs);
                    moved = true;
                }
            }
        }
    }

    private boolean isStale(final int unit) {
        for (long mask = open[unit]; mask != 0; mask &= mask - 1) {
            if (changedAt[Long.numberOfTrailingZeros(mask)] > levelledAt[unit]) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the slowest node is near its least: some slowest nodes have together work that can go nowhere else, and
     * levelled among them they would hardly be done sooner. It is what a minimal cut would show.
     */
    private boolean isClose() {
        for (int i = 1; i < nodes; i++) {
            final int node = byTime[i];
            int at = i;
            while (at > 0 && timeNs[byTime[at - 1]] < timeNs[node]) {
                byTime[at] = byTime[at - 1];
                at--;
            }
            byTime[at] = node;
        }
        final double enoughNs = timeNs[byTime[0]] / CLOSE;
        long slow = 0;
        double work = 0;
        double rate = 0;
        for (int i = 0; i < nodes; i++) {
            final int node = byTime[i];
            slow |= 1L << node;
            work += timeNs[node] * speed[node];
            rate += speed[node];
            if (work < enoughNs * rate) {
                return false;
            }
            if (isClosed(slow)) {
                return true;
            }
        }
        return true;
    }

    private boolean isClosed(final long slow) {
        for (int u = 0; u < units; u++) {
            if ((used[u] & slow) != 0 && (open[u] & ~slow) != 0) {
                return false;
            }
        }
        return true;
    }

    private double slowestNs() {
        double slowest = 0;
        for (int n = 0; n < nodes; n++) {
            slowest = timeNs[n] > slowest ? timeNs[n] : slowest;
        }
        return slowest;
    }

    /**
     * Levels one unit's nodes: takes its rows back, then fills the nodes up to a common time L,
     * {@code sum of (L - time(n)) / rowNs(n) = rows} over the nodes below L. Nodes above the level of all are above
     * that of the others, too, so they are left out one round after the other.
     */
    private void fill(final int unit, final int rows, final double[] rowNs) {
        final int row = unit * nodes;
        for (long mask = open[unit]; mask != 0; mask &= mask - 1) {
            final int node = Long.numberOfTrailingZeros(mask);
            beforeNs[node] = timeNs[node];
            timeNs[node] -= part[row + node] * rowNs[node];
        }
        long below = open[unit];
        long above;
        double level;
        do {
            double rate = 0;
            double weighted = rows;
            for (long mask = below; mask != 0; mask &= mask - 1) {
                final int node = Long.numberOfTrailingZeros(mask);
                rate += speed[node];
                weighted += timeNs[node] * speed[node];
            }
            level = weighted / rate;
            above = 0;
            for (long mask = below; mask != 0; mask &= mask - 1) {
                final int node = Long.numberOfTrailingZeros(mask);
                above |= timeNs[node] >= level ? 1L << node : 0;
            }
            below &= ~above;
        } while (above != 0);
        pour(unit, below, level);
    }

    private void pour(final int unit, final long below, final double level) {
        final int row = unit * nodes;
        final int now = ++levellings;
        for (long mask = open[unit]; mask != 0; mask &= mask - 1) {
            final int node = Long.numberOfTrailingZeros(mask);
            if ((below >>> node & 1) != 0) {
                part[row + node] = (level - timeNs[node]) * speed[node];
                timeNs[node] = level;
            } else {
                part[row + node] = 0;
            }
            if (Math.abs(timeNs[node] - beforeNs[node]) > settledNs) {
                changedAt[node] = now;
            }
        }
        used[unit] = below;
        levelledAt[unit] = now;
    }

    /** Closes parts below the ridge, the smallest of each unit at a time, and levels the unit over what is left. */
    private boolean closeSmallParts(final int[] rows, final double[] rowNs, final double ridgeRows) {
        boolean closed = false;
        for (int u = 0; u < units; u++) {
            for (int node = smallPart(u, ridgeRows); node >= 0; node = smallPart(u, ridgeRows)) {
                timeNs[node] -= part[u * nodes + node] * rowNs[node];
                part[u * nodes + node] = 0;
                open[u] &= ~(1L << node);
                changedAt[node] = ++levellings;
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

    /**
     * Whole rows: every part is cut down, what is left over goes row by row to the node that is done soonest with it.
     */
    private double round(
            final int[] rows, final double[] rowNs, final double[] baseNs, final double ridgeRows, final int[] out) {
        System.arraycopy(baseNs, 0, timeNs, 0, nodes);
        Arrays.fill(out, 0, units * nodes, 0);
        for (int u = 0; u < units; u++) {
            int left = rows[u];
            for (long mask = used[u]; mask != 0; mask &= mask - 1) {
                final int node = Long.numberOfTrailingZeros(mask);
                final int whole = (int) (part[u * nodes + node] + 1e-9);
                out[u * nodes + node] = whole;
                left -= whole;
                timeNs[node] += whole == 0 ? 0 : Math.max(whole, ridgeRows) * rowNs[node];
            }
            order[u] = left;
        }
        for (int u = 0; u < units; u++) {
            for (int left = order[u]; left > 0; left--) {
                final int node = soonest(used[u], rowNs);
                out[u * nodes + node]++;
                timeNs[node] += rowNs[node];
            }
        }
        return slowestNs();
    }

    private int soonest(final long among, final double[] rowNs) {
        int best = -1;
        for (long mask = among; mask != 0; mask &= mask - 1) {
            final int node = Long.numberOfTrailingZeros(mask);
            if (best < 0 || timeNs[node] + rowNs[node] < timeNs[best] + rowNs[best]) {
                best = node;
            }
        }
        return best;
    }
}
