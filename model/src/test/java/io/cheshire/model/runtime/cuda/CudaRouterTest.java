package io.cheshire.model.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.RandomWeights;
import io.cheshire.model.runtime.onednn.StepDriver;
import io.cheshire.model.runtime.onednn.StepDriver.Sequence;
import io.cheshire.model.testing.EmulatedCuda;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole models on an emulated GPU, whose memory is not-a-number until it is written: near the reference, and the same
 * bits for a sequence whatever surrounds it, however its prompt is cut, and wherever its keys lie.
 */
class CudaRouterTest {
    private static final int VOCAB = 160;
    private static final int LENGTH = 23;
    private static final KvLayout KV = new KvLayout(64, 16);
    private static final int[] BLOCKS = {5, 0, 61, 17};

    private final CudaKernels kernels = EmulatedKernels.open(EmulatedCuda.fresh());

    @AfterEach
    void close() {
        kernels.close();
    }

    static Stream<Arguments> models() {
        final ModelConfig wide = RandomWeights.config(VOCAB, 96, 64, 1, 8, 2, 32, 4, null);
        final ModelConfig odd = RandomWeights.config(VOCAB, 70, 33, 2, 5, 1, 12, 8, null);
        final ModelConfig windowed = RandomWeights.config(VOCAB, 64, 48, 1, 4, 2, 40, 4, 9);
        return Stream.of(
                Arguments.of("wide", wide, Precision.BF16),
                Arguments.of("odd sizes", odd, Precision.BF16),
                Arguments.of("sliding window", windowed, Precision.BF16),
                Arguments.of("sliding window", windowed, Precision.FP32));
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("models")
    void shouldStayNearTheReference(final String name, final ModelConfig config, final Precision precision) {
        final int[] tokens = tokens(LENGTH, 2);
        try (ReferenceKernels oracle = new ReferenceKernels();
                StepDriver driver = new StepDriver(kernels, weights(config), precision, KV);
                StepDriver reference = new StepDriver(oracle, weights(config), precision, KV)) {
            final float[][] actual = driver.alone(tokens, BLOCKS);
            final float[][] expected = reference.alone(tokens, BLOCKS);

            if (precision == Precision.FP32) {
                // Only the order of sums differs.
                assertThat(Arrays.stream(errors(actual, expected)).max().orElseThrow())
                        .isLessThan(1e-4);
                return;
            }
            // Where a sum lies between two bf16 numbers its order decides which one it becomes, and now and then which
            // expert a row goes to. So the yardstick is what rounding to bf16 does to the reference itself.
            try (StepDriver exact = new StepDriver(oracle, weights(config), Precision.FP32, KV)) {
                final double rounding = median(errors(exact.alone(tokens, BLOCKS), expected));
                assertThat(median(errors(actual, expected))).isLessThan(2 * rounding);
                assertThat(actual[0]).as("before any routing can differ").containsExactly(expected[0], within(1e-2f));
            }
        }
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("models")
    void shouldGiveTheSameBitsAloneAmongOthersInChunksAndTokenByToken(
            final String name, final ModelConfig config, final Precision precision) {
        final int[] tokens = tokens(LENGTH, 1);
        try (StepDriver driver = new StepDriver(kernels, weights(config), precision, KV)) {
            final float[][] alone = driver.alone(tokens, BLOCKS);

            assertThat(chunked(driver, tokens, 1)).as("token by token").isDeepEqualTo(alone);
            assertThat(chunked(driver, tokens, 7)).as("chunks of 7").isDeepEqualTo(alone);
            assertThat(amongOthers(driver, tokens)).as("among others").isDeepEqualTo(alone);
            assertThat(driver.alone(tokens, 63, 7, 30)).as("other blocks").isDeepEqualTo(alone);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "FP32"})
    void shouldKeepASequenceOfNotNumbersToItself(final Precision precision) {
        final ModelConfig config = RandomWeights.config(VOCAB, 64, 48, 2, 4, 2, 16, 4, null);
        final int[] tokens = tokens(20, 3);
        final int[] poisoned = tokens(20, 4);
        poisoned[3] = RandomWeights.NAN_TOKEN;
        try (StepDriver driver = new StepDriver(kernels, weights(config), precision, KV)) {
            final float[][] alone = driver.alone(tokens, 0, 1);
            final float[][] before = driver.alone(Arrays.copyOf(poisoned, 3), 2);
            final Sequence sick = new Sequence(poisoned, 8, 9);
            final Sequence healthy = new Sequence(tokens, 4, 5);
            driver.step(new Sequence[] {sick, healthy}, new int[] {20, 20});

            assertThat(healthy.logits).isDeepEqualTo(alone);
            assertThat(Arrays.copyOf(sick.logits, 3)).isDeepEqualTo(before);
            assertThat(sick.logits[3]).containsOnly(Float.NaN);
            assertThat(driver.alone(tokens, 9, 8))
                    .as("in the blocks it leaves behind")
                    .isDeepEqualTo(alone);
        }
    }

    private static float[][] chunked(final StepDriver driver, final int[] tokens, final int chunk) {
        final Sequence sequence = new Sequence(tokens, 20, 21, 22);
        while (sequence.left() > 0) {
            driver.step(new Sequence[] {sequence}, new int[] {Math.min(chunk, sequence.left())});
        }
        return sequence.logits;
    }

    private static float[][] amongOthers(final StepDriver driver, final int[] tokens) {
        final Sequence before = new Sequence(tokens(40, 7), 30, 31, 32);
        final Sequence mine = new Sequence(tokens, 40, 41, 42);
        final Sequence after = new Sequence(tokens(30, 8), 50, 51);
        final Sequence[] all = {before, mine, after};
        driver.step(all, new int[] {20, 6, 3});
        driver.step(all, new int[] {1, 9, 14});
        driver.step(all, new int[] {1, 1, 1});
        driver.step(all, new int[] {0, 1, 0});
        driver.step(all, new int[] {3, 6, 6});
        return mine.logits;
    }

    private static RandomWeights weights(final ModelConfig config) {
        return new RandomWeights(config, Dtype.BF16, 42);
    }

    private static int[] tokens(final int count, final int seed) {
        return IntStream.range(0, count)
                .map(i -> Math.floorMod(i * i * 7 + i * seed * 13 + 5, VOCAB - 1))
                .toArray();
    }

    private static double[] errors(final float[][] actual, final float[][] expected) {
        return IntStream.range(0, actual.length)
                .mapToDouble(row -> IntStream.range(0, VOCAB)
                        .mapToDouble(i -> Math.abs(actual[row][i] - expected[row][i]))
                        .max()
                        .orElseThrow())
                .toArray();
    }

    private static double median(final double[] values) {
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
