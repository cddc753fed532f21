package io.cheshire.model.runtime.onednn.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.model.core.kernel.Bf16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowsTest {
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void shouldRoundToBf16LikeTheReferenceForEverySpecialValue() {
        final Random random = new Random(1);
        final float[] values = new float[4096 + 5];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(random.nextInt());
        }
        final float[] special = {
            0f,
            -0f,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.MAX_VALUE,
            Float.MIN_VALUE,
            Float.intBitsToFloat(0x7f800001),
            Float.intBitsToFloat(0xffffffff),
            Float.intBitsToFloat(0x3f808000),
            Float.intBitsToFloat(0x3f818000),
            Float.intBitsToFloat(0x7f7fffff)
        };
        System.arraycopy(special, 0, values, 3, special.length);
        System.arraycopy(special, 0, values, values.length - special.length, special.length);
        final MemorySegment in = segment(values);
        final MemorySegment out = arena.allocate(2L * values.length, 64);

        Rows.toBf16(in.address(), out.address(), values.length);
        for (int i = 0; i < values.length; i++) {
            assertThat(out.getAtIndex(JAVA_SHORT, i))
                    .as("%s", values[i])
                    .isEqualTo(Bf16.fromFloat(in.getAtIndex(JAVA_FLOAT, i)));
        }
        final MemorySegment back = arena.allocate(4L * values.length, 64);
        Rows.fromBf16(out.address(), back.address(), values.length);
        for (int i = 0; i < values.length; i++) {
            assertThat(Float.compare(back.getAtIndex(JAVA_FLOAT, i), Bf16.toFloat(out.getAtIndex(JAVA_SHORT, i))))
                    .isZero();
        }
    }

    @Test
    void shouldComputeExpWithinTwoUlp() {
        final float[] lanes = new float[Lanes.COUNT];
        for (float x = -87f; x < 88f; x += 0.01f * Lanes.COUNT) {
            for (int i = 0; i < lanes.length; i++) {
                lanes[i] = Math.min(88f, x + 0.01f * i);
            }
            final FloatVector actual = Exponential.exp(FloatVector.fromArray(Lanes.FLOATS, lanes, 0));
            for (int i = 0; i < lanes.length; i++) {
                final double exact = Math.exp(lanes[i]);
                assertThat(Math.abs(actual.lane(i) - exact)).isLessThanOrEqualTo(2.0 * Math.ulp((float) exact));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NEGATIVE_INFINITY, -1e30f, -88f, 0f, 89f, 1e30f, Float.POSITIVE_INFINITY, Float.NaN})
    void shouldComputeExpOfExtremes(final float x) {
        final float expected = x < -87.3f ? 0f : x > 88.3f ? Float.POSITIVE_INFINITY : (float) Math.exp(x);
        assertThat(Float.compare(
                        Exponential.exp(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0), expected))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 33, 64, 130, 4096})
    void shouldNormaliseLikeTheFormula(final int n) {
        final Random random = new Random(n);
        final float[] x = random(random, n, 3);
        final float[] gain = random(random, n, 1);
        final float[] bias = random(random, n, 1);
        final MemorySegment out = arena.allocate(4L * n + 64, 64);
        out.setAtIndex(JAVA_FLOAT, n, 42f);
        Rows.layerNorm(
                segment(x).address(), segment(gain).address(), segment(bias).address(), 1e-5f, out.address(), n);

        double mean = 0;
        for (final float value : x) {
            mean += value / (double) n;
        }
        double variance = 0;
        for (final float value : x) {
            variance += (value - mean) * (value - mean) / n;
        }
        for (int i = 0; i < n; i++) {
            final double expected = (x[i] - mean) / Math.sqrt(variance + 1e-5) * gain[i] + bias[i];
            assertThat((double) out.getAtIndex(JAVA_FLOAT, i)).isCloseTo(expected, within(2e-5));
        }
        assertThat(out.getAtIndex(JAVA_FLOAT, n)).as("past the row").isEqualTo(42f);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 33, 100})
    void shouldAddExpertsToEachOtherBeforeTheResidual(final int n) {
        final Random random = new Random(n);
        final float[] x = random(random, n, 1);
        final float[] y = random(random, 2 * n, 1);
        final MemorySegment sum = segment(x);
        Rows.combine(sum.address(), segment(y).address(), new float[] {9f, 0.7f, 0.3f}, 1, 2, n);
        for (int i = 0; i < n; i++) {
            final float first = 0.7f * y[i];
            final float second = 0.3f * y[n + i];
            assertThat(sum.getAtIndex(JAVA_FLOAT, i)).isEqualTo(x[i] + (first + second));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 16, 40, 4096})
    void shouldComputeRouterLogitsInFp32(final int hidden) {
        final Random random = new Random(hidden);
        final int experts = 10;
        final int stride = Lanes.padded(experts);
        final float[] h = random(random, hidden, 1);
        final float[] gate = random(random, hidden * stride, 1);
        final float[] logits = new float[stride];
        GateDots.logits(segment(h).address(), hidden, segment(gate).address(), stride, logits, 0);
        for (int e = 0; e < experts; e++) {
            double exact = 0;
            for (int i = 0; i < hidden; i++) {
                exact += (double) h[i] * gate[i * stride + e];
            }
            assertThat((double) logits[e]).isCloseTo(exact, within(1e-6 * hidden));
        }
    }

    private MemorySegment segment(final float[] values) {
        final MemorySegment segment = arena.allocate(4L * values.length + 64, 64);
        MemorySegment.copy(values, 0, segment, JAVA_FLOAT, 0, values.length);
        return segment;
    }

    private static float[] random(final Random random, final int n, final float scale) {
        final float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (random.nextFloat() * 2 - 1) * scale;
        }
        return values;
    }
}
