package io.cheshire.model.runtime.onednn.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.kernel.QuantisedMatrix;
import io.cheshire.model.core.kernel.RowGroups;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.NativeKernel;
import io.cheshire.model.runtime.onednn.ffi.NativeKernels;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.testing.GoldenGroups;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every implementation of quantised matmuls against the contract, bit by bit (docs/model.md §7.1). */
class QuantisedMatmulTest {
    private static final int[] ROWS = {1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 64, 65, 130, 512};

    @ParameterizedTest
    @EnumSource(QuantisedKernels.class)
    void shouldGiveTheGoldenBits(final QuantisedKernels kernels) {
        for (final GoldenGroups.Case golden : GoldenGroups.CASES) {
            final float[] y = multiply(
                    kernels,
                    golden.how(),
                    GoldenGroups.rows(),
                    GoldenGroups.ROWS,
                    GoldenGroups.weights(),
                    GoldenGroups.OUTPUTS,
                    GoldenGroups.INPUTS);
            assertThat(GoldenGroups.digest(y)).as(kernels + " " + golden.how()).isEqualTo(golden.y());
        }
    }

    @ParameterizedTest
    @CsvSource({"8,128,200,130", "8,64,130,70", "8,32,40,65", "4,128,200,130", "4,64,131,70", "4,32,37,65"})
    void shouldGiveTheBitsOfTheContractForEveryRowCount(
            final int bits, final int group, final int inputs, final int outputs) {
        final Quantisation how = new Quantisation(bits, group);
        final Random random = new Random(bits * 1000L + group);
        final float[] weights = random(random, outputs * inputs, 0.1f);
        final int most = Arrays.stream(ROWS).max().orElseThrow();
        final float[] x = random(random, most * inputs, 3f);
        x[inputs + 3] = Float.NaN;
        x[2 * inputs + 5] = Float.NEGATIVE_INFINITY;
        final float[] expected = contract(how, x, most, weights, outputs, inputs);
        for (final QuantisedKernels kernels : QuantisedKernels.values()) {
            for (final int rows : kernels == QuantisedKernels.PLAIN ? new int[] {1, 5} : ROWS) {
                assertThat(multiply(kernels, how, x, rows, weights, outputs, inputs))
                        .as("%s, %s, %d rows", kernels, how, rows)
                        .isEqualTo(Arrays.copyOf(expected, rows * outputs));
            }
        }
    }

    @Test
    void shouldUseNativeKernelsWhereThereAreAny() {
        final List<NativeKernel> usable = NativeKernels.shipped().all();
        try (OpenMpTeam team = new OpenMpTeam(1);
                MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.AUTO)) {
            assertThat(context.quantisedDescription())
                    .contains(
                            usable.isEmpty()
                                    ? "no native kernels: "
                                    : "native " + usable.getFirst().name());
        }
    }

    @Test
    void shouldAddBiasesLast() {
        final Quantisation how = new Quantisation(8, 128);
        final Random random = new Random(5);
        final float[] x = random(random, 5 * 256, 1f);
        final float[] weights = random(random, 70 * 256, 0.1f);
        final float[] bias = random(random, 70, 1f);
        final float[] expected = contract(how, x, 5, weights, 70, 256);
        for (int i = 0; i < expected.length; i++) {
            expected[i] += bias[i % 70];
        }
        for (final QuantisedKernels kernels : QuantisedKernels.values()) {
            assertThat(multiply(kernels, how, x, 5, weights, 70, 256, GoldenGroups.vector(bias)))
                    .as("%s", kernels)
                    .isEqualTo(expected);
        }
    }

    @Test
    void shouldAddTheLargestProductsExactly() {
        for (final int bits : new int[] {8, 4}) {
            final int inputs = 256;
            final int outputs = 64;
            final float[] weights = new float[outputs * inputs];
            final float[] x = new float[64 * inputs];
            IntStream.range(0, weights.length).forEach(i -> weights[i] = i / inputs % 2 == 0 ? 127f : -127f);
            IntStream.range(0, x.length).forEach(i -> x[i] = i / inputs % 3 == 0 ? 127f : -127f);
            final Quantisation how = new Quantisation(bits, 128);
            final float[] expected = contract(how, x, 64, weights, outputs, inputs);
            for (final QuantisedKernels kernels : QuantisedKernels.values()) {
                for (final int rows : new int[] {1, 2, 4, 64}) {
                    assertThat(multiply(kernels, how, x, rows, weights, outputs, inputs))
                            .as("%s, %s, %d rows", kernels, how, rows)
                            .isEqualTo(Arrays.copyOf(expected, rows * outputs));
                }
            }
        }
    }

    private static float[] contract(
            final Quantisation how,
            final float[] x,
            final int rows,
            final float[] weights,
            final int outputs,
            final int inputs) {
        final QuantisedMatrix matrix =
                QuantisedMatrix.of(GoldenGroups.matrix(weights, outputs, inputs), outputs, inputs, how);
        final float[] y = new float[rows * outputs];
        for (int row = 0; row < rows; row++) {
            final byte[] q = new byte[inputs];
            final float[] scales = new float[how.groups(inputs)];
            RowGroups.quantise(x, row * inputs, inputs, how.group(), q, scales);
            for (int o = 0; o < outputs; o++) {
                y[row * outputs + o] = matrix.product(q, scales, o);
            }
        }
        return y;
    }

    private static float[] multiply(
            final QuantisedKernels kernels,
            final Quantisation how,
            final float[] x,
            final int rows,
            final float[] weights,
            final int outputs,
            final int inputs) {
        return multiply(kernels, how, x, rows, weights, outputs, inputs, null);
    }

    private static float[] multiply(
            final QuantisedKernels kernels,
            final Quantisation how,
            final float[] x,
            final int rows,
            final float[] weights,
            final int outputs,
            final int inputs,
            final @Nullable TensorView bias) {
        final TensorView matrix = GoldenGroups.matrix(weights, outputs, inputs);
        try (OpenMpTeam team = new OpenMpTeam(2);
                MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.AUTO, kernels);
                PackedWeights packed =
                        context.packQuantised(inputs, Dtype.F32, how, List.of(matrix), Arrays.asList(bias));
                NativeBuffer src = NativeBuffer.allocate((long) rows * inputs * Float.BYTES);
                NativeBuffer dst = NativeBuffer.allocate((long) rows * outputs * Float.BYTES)) {
            for (int i = 0; i < rows * inputs; i++) {
                src.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, x[i]);
            }
            packed.multiply(src.address(), rows, dst.address(), false);
            final float[] y = new float[rows * outputs];
            for (int i = 0; i < y.length; i++) {
                y[i] = dst.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            }
            return y;
        }
    }

    private static float[] random(final Random random, final int count, final float scale) {
        final float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * scale;
        }
        return values;
    }
}
