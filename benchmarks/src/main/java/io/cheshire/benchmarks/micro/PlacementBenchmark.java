package io.cheshire.benchmarks.micro;

import io.cheshire.balance.core.Assignment;
import io.cheshire.balance.core.BalanceProblem;
import io.cheshire.balance.core.CheshireBalancer;
import io.cheshire.balance.core.NodeCapacity;
import io.cheshire.benchmarks.sizes.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

/**
 * One placement of 32 layers x 16 experts on 16 nodes, log-normal loads of four windows in turn. Windows have nothing
 * in common, which is harder than traffic that changes little by little.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls setUp() before anything else
public class PlacementBenchmark {
    private static final int LAYERS = 32;
    private static final int NODES = 16;
    private static final int WINDOWS = 4;

    @Param({"0.15", "1"})
    public double sigma;

    @Param({"2", "4"})
    public int slots;

    /** The least that loading one unit must save on its layer's hottest node, as part of a mean unit's cost. */
    @Param({"0", "0.01", "0.1"})
    public double price;

    @Param
    public Held held;

    /** The placement that nodes hold when the next one is asked for. */
    public enum Held {
        /** Every expert on its home alone: how a cluster starts. */
        HOME,
        /** The placement of the window before. */
        PREVIOUS
    }

    private final CheshireBalancer balancer = new CheshireBalancer();
    private final List<BalanceProblem> problems = new ArrayList<>();
    private int next;

    @Setup
    public void setUp() {
        final List<NodeCapacity> nodes = new ArrayList<>();
        for (int n = 0; n < NODES; n++) {
            nodes.add(new NodeCapacity(n, 1, slots * LAYERS));
        }
        final List<double[]> windows = windows();
        final Assignment home = Assignment.home(LAYERS, Sizes.EXPERTS, NODES);
        Assignment before = home;
        if (held == Held.PREVIOUS) {
            for (final double[] costs : windows) {
                before = balancer.balance(new BalanceProblem(costs, nodes, before, 1, price));
            }
        }
        for (final double[] costs : windows) {
            problems.add(new BalanceProblem(costs, nodes, before, 1, price));
            before = held == Held.HOME ? home : balancer.balance(problems.getLast());
        }
    }

    private List<double[]> windows() {
        final Random random = new Random(1);
        final double mean = Math.exp(sigma * sigma / 2);
        final List<double[]> windows = new ArrayList<>();
        for (int window = 0; window < WINDOWS; window++) {
            final double[] costs = new double[LAYERS * Sizes.EXPERTS];
            for (int unit = 0; unit < costs.length; unit++) {
                costs[unit] = Math.exp(sigma * random.nextGaussian()) / mean;
            }
            windows.add(costs);
        }
        return windows;
    }

    @Benchmark
    public Assignment allLayers() {
        next = (next + 1) % WINDOWS;
        return balancer.balance(problems.get(next));
    }
}
