package io.cheshire.benchmarks;

import io.cheshire.coordinator.core.balance.Assignment;
import io.cheshire.coordinator.core.balance.BalanceProblem;
import io.cheshire.coordinator.core.balance.CheshireBalancer;
import io.cheshire.coordinator.core.balance.NodeCapacity;
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
 * One placement of 32 layers x 16 experts on 16 nodes, log-normal loads of four windows in turn, each from what the window
 * before left.
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

    private final CheshireBalancer balancer = new CheshireBalancer();
    private final List<BalanceProblem> problems = new ArrayList<>();
    private int next;

    @Setup
    public void setUp() {
        final List<NodeCapacity> nodes = new ArrayList<>();
        for (int n = 0; n < NODES; n++) {
            nodes.add(new NodeCapacity(n, 1, slots * LAYERS));
        }
        final Random random = new Random(1);
        Assignment before = Assignment.home(LAYERS, Sizes.EXPERTS, NODES);
        for (int window = 0; window < WINDOWS; window++) {
            final double[] costs = new double[LAYERS * Sizes.EXPERTS];
            for (int unit = 0; unit < costs.length; unit++) {
                costs[unit] = Math.exp(sigma * random.nextGaussian());
            }
            problems.add(new BalanceProblem(costs, nodes, before, 1, 0));
            before = balancer.balance(problems.getLast());
        }
    }

    @Benchmark
    public Assignment allLayers() {
        next = (next + 1) % WINDOWS;
        return balancer.balance(problems.get(next));
    }
}
