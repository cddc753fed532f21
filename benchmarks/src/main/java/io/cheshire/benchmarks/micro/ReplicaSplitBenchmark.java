package io.cheshire.benchmarks.micro;

import io.cheshire.benchmarks.sizes.Sizes;
import io.cheshire.router.core.exchange.ReplicaSplit;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The split of one layer's rows over replicas: 16 experts on 16 nodes, each unit on one node, two or four. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls setUp() before anything else
public class ReplicaSplitBenchmark {
    private static final int NODES = 16;
    private static final double RIDGE_ROWS = 14;
    private static final double ROW_NS = 150_000;

    @Param({"2", "32", "512", "4096"})
    public int rows;

    @Param({"1", "2", "4"})
    public int replicas;

    private final ReplicaSplit split = new ReplicaSplit(Sizes.EXPERTS, NODES);
    private final int[] rowsByUnit = new int[Sizes.EXPERTS];
    private final long[] holders = new long[Sizes.EXPERTS];
    private final double[] rowNs = new double[NODES];
    private final double[] baseNs = new double[NODES];
    private final int[] out = new int[Sizes.EXPERTS * NODES];

    @Setup
    public void setUp() {
        final SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < rows; i++) {
            rowsByUnit[(int) (random.nextDouble() * random.nextDouble() * Sizes.EXPERTS)]++;
        }
        for (int unit = 0; unit < Sizes.EXPERTS; unit++) {
            for (int replica = 0; replica < replicas; replica++) {
                holders[unit] |= 1L << (unit + 5 * replica) % NODES;
            }
        }
        Arrays.fill(rowNs, ROW_NS);
    }

    @Benchmark
    public double oneLayer() {
        return split.split(NODES, rowsByUnit, holders, rowNs, baseNs, RIDGE_ROWS, out);
    }
}
