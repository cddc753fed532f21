package io.cheshire.router.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ReplicaSplitTest {
    private static final int SIZE = 16;

    @Property(tries = 200)
    void shouldComeWithinOnePercentOfTheLinearOptimum(
            @ForAll final long seed, @ForAll @IntRange(min = 1, max = 3) final int extraReplicas) {
        final Random random = new Random(seed);
        final Batch batch = Batch.draw(random, extraReplicas);
        final int[] out = new int[SIZE * SIZE];

        final double reachedNs =
                new ReplicaSplit(SIZE, SIZE).split(SIZE, batch.rows, batch.holders, batch.rowNs, batch.baseNs, 0, out);

        assertConserved(batch, out);
        final double rounding = Arrays.stream(batch.rowNs).max().orElseThrow();
        assertThat(reachedNs).isLessThanOrEqualTo(optimumNs(batch) * 1.01 + rounding);
        assertThat(reachedNs).as("no split beats the optimum").isGreaterThanOrEqualTo(optimumNs(batch) * 0.999999);
    }

    @Test
    void shouldKeepAUnitWholeWhileReadingItsWeightsTakesLonger() {
        final int[] out = new int[4];
        final ReplicaSplit split = new ReplicaSplit(2, 2);
        final double[] rowNs = {10, 10};
        // 20 rows are worth one reading: 16 rows stay together, the two units on different nodes.
        split.split(2, new int[] {16, 9}, new long[] {3, 3}, rowNs, new double[2], 20, out);
        assertThat(out).containsExactly(16, 0, 0, 9);
        // 39 rows could only be cut into parts one of which is below 20.
        split.split(2, new int[] {39, 0}, new long[] {3, 3}, rowNs, new double[2], 20, out);
        assertThat(out).containsExactly(39, 0, 0, 0);
        split.split(2, new int[] {40, 0}, new long[] {3, 3}, rowNs, new double[2], 20, out);
        assertThat(out).containsExactly(20, 20, 0, 0);
        // The second node is busy: its part would be below 20, so it gets none.
        split.split(2, new int[] {40, 0}, new long[] {3, 3}, rowNs, new double[] {0, 300}, 20, out);
        assertThat(out).containsExactly(40, 0, 0, 0);
    }

    @Property(tries = 300)
    void shouldReadAsFewUnitsOnTheSlowestNodeAsAnySeatingCould(
            @ForAll final long seed,
            @ForAll @IntRange(min = 1, max = 9) final int units,
            @ForAll @IntRange(min = 2, max = 5) final int nodeCount) {
        final Random random = new Random(seed);
        final int[] rows = new int[units];
        final long[] holders = new long[units];
        for (int u = 0; u < units; u++) {
            rows[u] = random.nextInt(4);
            holders[u] = 1L << random.nextInt(nodeCount);
            holders[u] |= 1L << random.nextInt(nodeCount);
        }
        final double[] rowNs = new double[nodeCount];
        Arrays.fill(rowNs, 10);
        final int[] out = new int[units * nodeCount];

        final double reachedNs = new ReplicaSplit(units, nodeCount)
                .split(nodeCount, rows, holders, rowNs, new double[nodeCount], 16, out);

        final int[] read = new int[nodeCount];
        for (int i = 0; i < out.length; i++) {
            read[i % nodeCount] += out[i] > 0 ? 1 : 0;
        }
        final int most = Arrays.stream(read).max().orElseThrow();
        assertThat(most).isEqualTo(fewestReadings(rows, holders, new int[nodeCount], 0));
        assertThat(reachedNs).isEqualTo(most * 160.0);
    }

    /** Least number of units that the slowest node must read, by trying every seating. */
    private static int fewestReadings(final int[] rows, final long[] holders, final int[] read, final int unit) {
        if (unit == rows.length) {
            return Arrays.stream(read).max().orElseThrow();
        }
        if (rows[unit] == 0) {
            return fewestReadings(rows, holders, read, unit + 1);
        }
        int fewest = Integer.MAX_VALUE;
        for (int n = 0; n < read.length; n++) {
            if ((holders[unit] >>> n & 1) != 0) {
                read[n]++;
                fewest = Math.min(fewest, fewestReadings(rows, holders, read, unit + 1));
                read[n]--;
            }
        }
        return fewest;
    }

    @Property(tries = 200)
    void shouldMakeNoPartBelowTheRidge(@ForAll final long seed, @ForAll @IntRange(max = 400) final int ridge) {
        final Batch batch = Batch.draw(new Random(seed), 2);
        final int[] out = new int[SIZE * SIZE];
        new ReplicaSplit(SIZE, SIZE).split(SIZE, batch.rows, batch.holders, batch.rowNs, batch.baseNs, ridge, out);
        assertConserved(batch, out);
        for (int u = 0; u < SIZE; u++) {
            int parts = 0;
            int smallest = Integer.MAX_VALUE;
            for (int n = 0; n < SIZE; n++) {
                final int part = out[u * SIZE + n];
                parts += part > 0 ? 1 : 0;
                smallest = part > 0 ? Math.min(smallest, part) : smallest;
            }
            assertThat(parts <= 1 || smallest >= ridge - 1)
                    .as("unit %d in %d parts, the smallest of %d rows at a ridge of %d", u, parts, smallest, ridge)
                    .isTrue();
        }
    }

    @Test
    void shouldRefuseRowsThatNobodyCanCompute() {
        assertThatThrownBy(() -> new ReplicaSplit(1, 2)
                        .split(2, new int[] {3}, new long[1], new double[] {1, 1}, new double[2], 0, new int[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no live node");
    }

    @Test
    void shouldAllocateNothing() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final Batch batch = Batch.draw(new Random(1), 2);
        final ReplicaSplit split = new ReplicaSplit(SIZE, SIZE);
        final int[] out = new int[SIZE * SIZE];
        split.split(SIZE, batch.rows, batch.holders, batch.rowNs, batch.baseNs, 20, out);
        threads.getCurrentThreadAllocatedBytes();
        final long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1000; i++) {
            split.split(SIZE, batch.rows, batch.holders, batch.rowNs, batch.baseNs, 20, out);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes in 1,000 calls")
                .isLessThan(1000);
    }

    private static void assertConserved(final Batch batch, final int[] out) {
        for (int u = 0; u < SIZE; u++) {
            int sum = 0;
            for (int n = 0; n < SIZE; n++) {
                final int part = out[u * SIZE + n];
                assertThat(part == 0 || (part > 0 && (batch.holders[u] >>> n & 1) != 0))
                        .isTrue();
                sum += part;
            }
            assertThat(sum).as("rows of unit " + u).isEqualTo(batch.rows[u]);
        }
    }

    /** The optimum of the linear programme by bisection on T: a maximum flow tells whether T suffices. */
    private static double optimumNs(final Batch batch) {
        final int total = Arrays.stream(batch.rows).sum();
        double low = Arrays.stream(batch.baseNs).max().orElseThrow();
        double high = low + total * Arrays.stream(batch.rowNs).max().orElseThrow();
        for (int i = 0; i < 50; i++) {
            final double middle = (low + high) / 2;
            if (maximumFlow(batch, middle) >= total - 1e-6) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    /** Edmonds-Karp: source 0, units, nodes, sink. */
    private static double maximumFlow(final Batch batch, final double timeNs) {
        final int vertices = 2 * SIZE + 2;
        final double[][] capacity = new double[vertices][vertices];
        for (int u = 0; u < SIZE; u++) {
            capacity[0][1 + u] = batch.rows[u];
            for (int n = 0; n < SIZE; n++) {
                capacity[1 + u][1 + SIZE + n] = (batch.holders[u] >>> n & 1) * 1e12;
            }
        }
        for (int n = 0; n < SIZE; n++) {
            capacity[1 + SIZE + n][vertices - 1] = Math.max(0, (timeNs - batch.baseNs[n]) / batch.rowNs[n]);
        }
        double flow = 0;
        for (int[] parent = path(capacity); parent[vertices - 1] >= 0; parent = path(capacity)) {
            double width = Double.POSITIVE_INFINITY;
            for (int v = vertices - 1; v != 0; v = parent[v]) {
                width = Math.min(width, capacity[parent[v]][v]);
            }
            for (int v = vertices - 1; v != 0; v = parent[v]) {
                capacity[parent[v]][v] -= width;
                capacity[v][parent[v]] += width;
            }
            flow += width;
        }
        return flow;
    }

    private static int[] path(final double[][] capacity) {
        final int[] parent = new int[capacity.length];
        Arrays.fill(parent, -1);
        parent[0] = 0;
        final Deque<Integer> open = new ArrayDeque<>();
        open.add(0);
        while (!open.isEmpty()) {
            final int from = open.remove();
            for (int to = 0; to < capacity.length; to++) {
                if (parent[to] < 0 && capacity[from][to] > 1e-9) {
                    parent[to] = from;
                    open.add(to);
                }
            }
        }
        return parent;
    }

    /** One batch: skewed rows, random holders, uneven nodes that are already busy. */
    private static final class Batch {
        final int[] rows = new int[SIZE];
        final long[] holders = new long[SIZE];
        final double[] rowNs = new double[SIZE];
        final double[] baseNs = new double[SIZE];

        static Batch draw(final Random random, final int extraReplicas) {
            final Batch batch = new Batch();
            final boolean uneven = random.nextBoolean();
            for (int i = 0; i < SIZE; i++) {
                batch.rows[i] = random.nextInt(8) == 0 ? 0 : (int) (50 * Math.exp(4 * random.nextDouble()));
                batch.holders[i] = 1L << i;
                for (int r = 0; r < extraReplicas; r++) {
                    batch.holders[i] |= 1L << random.nextInt(SIZE);
                }
                batch.rowNs[i] = uneven ? 50 + random.nextInt(100) : 100;
                batch.baseNs[i] = uneven ? random.nextInt(20_000) : 0;
            }
            return batch;
        }
    }
}
