package io.cheshire.planner.runtime.calibrate;

import io.cheshire.planner.core.calibrate.Sample;
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

/** The sampler at temperature 1, which most clients ask for; greedy takes less. */
final class SamplerTimes {
    private static final int[] ROWS = {1, 2, 4, 8, 16};

    private SamplerTimes() {}

    static List<Sample> measure(final int vocabSize, final CalibrationBudget budget) {
        final Sampler sampler = new Sampler(vocabSize, null);
        final SamplingPlan plan = new SamplingPlan(
                new GenerationRequest(
                        List.of(1),
                        1,
                        0,
                        Set.of(),
                        new SamplingParams(1, 0, 1, 0, 0, 0, 1, Map.of(), 7),
                        -1,
                        -1,
                        "",
                        Long.MAX_VALUE,
                        TokenRules.NONE),
                vocabSize);
        final Samples samples = new Samples();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment logits = arena.allocate((long) vocabSize * Float.BYTES, 64);
            final SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < vocabSize; i++) {
                logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-10, 10));
            }
            final int[] tokens = new int[64];
            final long warmNs = System.nanoTime() + budget.kernelWarmNs() / 4;
            final long endNs = warmNs + budget.kernelNs() / 4;
            while (System.nanoTime() - endNs < 0) {
                for (final int rows : ROWS) {
                    final long beganNs = System.nanoTime();
                    for (int row = 0; row < rows; row++) {
                        sampler.load(logits, 0);
                        sampler.sample(plan, tokens, 1, row + 1);
                    }
                    if (beganNs - warmNs > 0) {
                        samples.add(rows, 0, (double) (System.nanoTime() - beganNs));
                    }
                }
            }
        }
        return samples.all();
    }
}
