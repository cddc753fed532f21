package io.cheshire.benchmarks.micro;

import io.cheshire.benchmarks.sizes.Sizes;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.sample.Sampler;
import io.cheshire.router.core.sample.SamplingPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

/** One token out of a row of logits over Phi's vocabulary. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls setUp() before anything else
public class SamplerBenchmark {
    /** How tokens are drawn. */
    public enum Kind {
        GREEDY,
        TEMPERATURE,
        TOP_K_50,
        TOP_P_90
    }

    @Param
    public Kind kind;

    private final Sampler sampler = new Sampler(Sizes.VOCAB, null);
    private final int[] tokens = new int[64];
    private MemorySegment logits;
    private SamplingPlan plan;
    private int length;

    @Setup
    public void setUp() {
        logits = Arena.ofAuto().allocate((long) Sizes.VOCAB * Float.BYTES, 64);
        final SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < Sizes.VOCAB; i++) {
            logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-10, 10));
        }
        plan = new SamplingPlan(
                new GenerationRequest(
                        List.of(1), 32, 0, Set.of(), params(kind), -1, -1, "", Long.MAX_VALUE, TokenRules.NONE),
                Sizes.VOCAB);
    }

    private static SamplingParams params(final Kind kind) {
        final double temperature = kind == Kind.GREEDY ? 0 : 1;
        final int topK = kind == Kind.TOP_K_50 ? 50 : 0;
        final double topP = kind == Kind.TOP_P_90 ? 0.9 : 1;
        return new SamplingParams(temperature, topK, topP, 0, 0, 0, 1, Map.of(), 7);
    }

    @Benchmark
    public int sample() {
        sampler.load(logits, 0);
        length = length % 32 + 1; // another position, another random number
        return sampler.sample(plan, tokens, 1, length);
    }
}
