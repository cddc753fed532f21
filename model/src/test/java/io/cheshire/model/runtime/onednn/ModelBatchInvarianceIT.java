package io.cheshire.model.runtime.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.matmul.Bf16Matmul;
import io.cheshire.model.runtime.onednn.matmul.RowTiles;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The promise of the numbers contract on whole models: a sequence's logits have the same bits whatever surrounds it.
 */
class ModelBatchInvarianceIT {
    private static final int VOCAB = 160;
    private static final int LENGTH = 75;
    private static final KvLayout KV = new KvLayout(64, 16);

    static Stream<Arguments> models() {
        final ModelConfig wide = RandomWeights.config(VOCAB, 128, 192, 2, 8, 2, 32, 4, null);
        final ModelConfig odd = RandomWeights.config(VOCAB, 72, 56, 3, 6, 2, 12, 8, null);
        final ModelConfig windowed = RandomWeights.config(VOCAB, 64, 48, 2, 4, 1, 16, 4, 21);
        return Stream.of(Precision.BF16, Precision.FP32)
                .flatMap(precision -> Stream.of(
                        Arguments.of("wide", wide, precision, RowTiles.FREE, Bf16Matmul.AUTO, 2),
                        Arguments.of("wide, one thread", wide, precision, RowTiles.FREE, Bf16Matmul.AUTO, 1),
                        Arguments.of("wide, three threads", wide, precision, RowTiles.FREE, Bf16Matmul.AUTO, 3),
                        Arguments.of("wide, tiles of 16", wide, precision, RowTiles.FIXED_16, Bf16Matmul.AUTO, 2),
                        Arguments.of("wide, tiles of 1", wide, precision, RowTiles.FIXED_1, Bf16Matmul.AUTO, 2),
                        Arguments.of("wide, oneDNN", wide, precision, RowTiles.FREE, Bf16Matmul.ONEDNN, 2),
                        Arguments.of("wide, panels", wide, precision, RowTiles.FREE, Bf16Matmul.PANELS, 2),
                        Arguments.of("odd sizes, panels", odd, precision, RowTiles.FREE, Bf16Matmul.PANELS, 3),
                        Arguments.of("odd sizes", odd, precision, RowTiles.FREE, Bf16Matmul.AUTO, 2),
                        Arguments.of("sliding window", windowed, precision, RowTiles.FREE, Bf16Matmul.AUTO, 2)));
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("models")
    void shouldGiveTheSameBitsAloneAmongOthersInChunksAndTokenByToken(
            final String name,
            final ModelConfig config,
            final Precision precision,
            final RowTiles tiles,
            final Bf16Matmul bf16,
            final int threads) {
        final int[] tokens = tokens(LENGTH, 1);
        try (OneDnnKernels kernels = new OneDnnKernels(threads, tiles, bf16);
                StepDriver driver = new StepDriver(kernels, weights(config), precision, KV)) {
            final float[][] alone = driver.alone(tokens, 0, 1, 2, 3, 4);

            assertThat(chunked(driver, tokens, 1)).as("token by token").isDeepEqualTo(alone);
            assertThat(chunked(driver, tokens, 7)).as("chunks of 7").isDeepEqualTo(alone);
            assertThat(chunked(driver, tokens, 32)).as("chunks of 32").isDeepEqualTo(alone);
            assertThat(amongOthers(driver, tokens)).as("among others").isDeepEqualTo(alone);
            assertThat(driver.alone(tokens, 63, 7, 30, 2, 11))
                    .as("other blocks")
                    .isDeepEqualTo(alone);
        }
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("models")
    void shouldStayNearTheReference(
            final String name,
            final ModelConfig config,
            final Precision precision,
            final RowTiles tiles,
            final Bf16Matmul bf16,
            final int threads) {
        final int[] tokens = tokens(LENGTH, 2);
        try (OneDnnKernels kernels = new OneDnnKernels(threads, tiles, bf16);
                ReferenceKernels oracle = new ReferenceKernels();
                StepDriver driver = new StepDriver(kernels, weights(config), precision, KV);
                StepDriver reference = new StepDriver(oracle, weights(config), precision, KV)) {
            final float[][] actual = driver.alone(tokens, 0, 1, 2, 3, 4);
            final float[][] expected = reference.alone(tokens, 0, 1, 2, 3, 4);

            if (precision == Precision.FP32) {
                // Only the order of sums differs.
                assertThat(max(errors(actual, expected))).isLessThan(1e-4);
                return;
            }
            // Where a sum lies between two bf16 numbers its order decides which one it becomes, and now and then which
            // expert a row goes to. So the yardstick is what rounding to bf16 does to the reference itself.
            try (StepDriver exact = new StepDriver(oracle, weights(config), Precision.FP32, KV)) {
                final double rounding = median(errors(exact.alone(tokens, 0, 1, 2, 3, 4), expected));
                assertThat(median(errors(actual, expected))).isLessThan(2 * rounding);
                assertThat(actual[0]).as("before any routing can differ").containsExactly(expected[0], within(1e-2f));
            }
        }
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("models")
    void shouldKeepASequenceOfNotNumbersToItself(
            final String name,
            final ModelConfig config,
            final Precision precision,
            final RowTiles tiles,
            final Bf16Matmul bf16,
            final int threads) {
        final int[] tokens = tokens(20, 3);
        final int[] poisoned = tokens(20, 4);
        poisoned[3] = RandomWeights.NAN_TOKEN;
        try (OneDnnKernels kernels = new OneDnnKernels(threads, tiles, bf16);
                StepDriver driver = new StepDriver(kernels, weights(config), precision, KV)) {
            final float[][] alone = driver.alone(tokens, 0, 1);
            final float[][] before = driver.alone(Arrays.copyOf(poisoned, 3), 2);
            final StepDriver.Sequence sick = new StepDriver.Sequence(poisoned, 8, 9);
            final StepDriver.Sequence healthy = new StepDriver.Sequence(tokens, 4, 5);
            driver.step(new StepDriver.Sequence[] {sick, healthy}, new int[] {20, 20});

            assertThat(healthy.logits).isDeepEqualTo(alone);
            assertThat(Arrays.copyOf(sick.logits, 3)).isDeepEqualTo(before);
            assertThat(sick.logits[3]).containsOnly(Float.NaN);
            assertThat(driver.alone(tokens, 9, 8))
                    .as("in the blocks it leaves behind")
                    .isDeepEqualTo(alone);
        }
    }

    private static float[][] chunked(final StepDriver driver, final int[] tokens, final int chunk) {
        final StepDriver.Sequence sequence = new StepDriver.Sequence(tokens, 20, 21, 22, 23, 24);
        while (sequence.left() > 0) {
            driver.step(new StepDriver.Sequence[] {sequence}, new int[] {Math.min(chunk, sequence.left())});
        }
        return sequence.logits;
    }

    private static float[][] amongOthers(final StepDriver driver, final int[] tokens) {
        final StepDriver.Sequence before = new StepDriver.Sequence(tokens(90, 7), 30, 31, 32, 33, 34, 35);
        final StepDriver.Sequence mine = new StepDriver.Sequence(tokens, 40, 41, 42, 43, 44);
        final StepDriver.Sequence after = new StepDriver.Sequence(tokens(60, 8), 50, 51, 52, 53);
        final StepDriver.Sequence[] all = {before, mine, after};
        driver.step(all, new int[] {40, 11, 3});
        driver.step(all, new int[] {1, 40, 50});
        driver.step(all, new int[] {17, 1, 1});
        driver.step(all, new int[] {0, 1, 0});
        driver.step(all, new int[] {32, 22, 6});
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

    private static double max(final double[] values) {
        return Arrays.stream(values).max().orElseThrow();
    }

    private static double median(final double[] values) {
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
