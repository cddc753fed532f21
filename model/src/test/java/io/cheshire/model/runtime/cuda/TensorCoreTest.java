package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.testing.EmulatedCuda;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The emulated tensor core against its definition, worked out in exact numbers: products, and what is added to them,
 * cut off at so many fractional bits below the largest, summed, and the sum cut off at fp32's.
 */
class TensorCoreTest {
    private static final int SMALLEST_EXPONENT = -126;
    private static final int FRACTION_BITS = 23;
    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    @Test
    void shouldSumAsItIsDefined() throws Throwable {
        final long seed = 5;
        final Random random = new Random(seed);
        final MethodHandle sum = Linker.nativeLinker()
                .downcallHandle(
                        EmulatedCuda.fresh().lookup().findOrThrow("cheshire_emu_sum"),
                        FunctionDescriptor.of(JAVA_FLOAT, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment a = arena.allocate(JAVA_SHORT, 16);
            final MemorySegment b = arena.allocate(JAVA_SHORT, 16);
            for (int i = 0; i < 3000; i++) {
                final int width = new int[] {2, 6, 20, 40}[random.nextInt(4)];
                for (int k = 0; k < 16; k++) {
                    a.setAtIndex(JAVA_SHORT, k, Bf16.fromFloat(value(random, width)));
                    b.setAtIndex(JAVA_SHORT, k, Bf16.fromFloat(value(random, width)));
                }
                final float c = random.nextInt(5) == 0 ? 0 : value(random, width);
                assertThat((float) sum.invokeExact(a, b, c, 90))
                        .as("case %d of seed %d, 16 at once", i, seed)
                        .isEqualTo(exact(a, b, 0, 16, c, 25));
                assertThat((float) sum.invokeExact(a, b, c, 80))
                        .as("case %d of seed %d, 8 at once", i, seed)
                        .isEqualTo(exact(a, b, 8, 16, exact(a, b, 0, 8, c, 24), 24));
            }
        }
    }

    private static float value(final Random random, final int width) {
        return random.nextInt(20) == 0
                ? 0
                : (float) (random.nextGaussian() * Math.pow(2, (random.nextDouble() * 2 - 1) * width));
    }

    private static int exponent(final float value) {
        return value == 0 ? SMALLEST_EXPONENT : Math.max(Math.getExponent(value), SMALLEST_EXPONENT);
    }

    private static float exact(
            final MemorySegment a,
            final MemorySegment b,
            final int first,
            final int end,
            final float c,
            final int fractionBits) {
        int largest = exponent(c);
        for (int k = first; k < end; k++) {
            largest = Math.max(largest, exponent(at(a, k)) + exponent(at(b, k)));
        }
        final BigDecimal unit = pow2(largest - fractionBits);
        BigDecimal total = cut(new BigDecimal(c), unit);
        for (int k = first; k < end; k++) {
            total = total.add(cut(new BigDecimal(at(a, k)).multiply(new BigDecimal(at(b, k))), unit));
        }
        if (total.signum() == 0) {
            return 0;
        }
        int exponent = SMALLEST_EXPONENT;
        while (total.abs().compareTo(pow2(exponent + 1)) >= 0) {
            exponent++;
        }
        return cut(total, pow2(exponent - FRACTION_BITS)).floatValue();
    }

    private static float at(final MemorySegment values, final int index) {
        return Bf16.toFloat(values.getAtIndex(JAVA_SHORT, index));
    }

    private static BigDecimal pow2(final int exponent) {
        return exponent >= 0 ? TWO.pow(exponent) : BigDecimal.ONE.divide(new BigDecimal(BigInteger.TWO.pow(-exponent)));
    }

    /** Toward zero, to a multiple of the unit. */
    private static BigDecimal cut(final BigDecimal value, final BigDecimal unit) {
        return value.divide(unit, 0, RoundingMode.DOWN).multiply(unit);
    }
}
