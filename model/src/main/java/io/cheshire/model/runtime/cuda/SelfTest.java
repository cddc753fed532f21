package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * A small expert of fixed values and what it must answer, to the bit: once by every tiling at start, and again while
 * the device serves. A device that adds wrongly without saying so is found that way.
 */
final class SelfTest implements AutoCloseable {
    static final int HIDDEN = 192;
    static final int FFN = 224;
    /** Of the tilings, one after another. */
    static final int MAX_ROWS = 128;

    private static final String RESOURCE = "/cuda/golden-bits.properties";
    private static final float WEIGHT_SCALE = 0.25f;
    private static final float ROW_SCALE = 2;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    /** Of an expert whose sums are right: rounding to bf16 between its halves. */
    private static final double TOLERANCE = 0.02;

    private final CudaExpertKernel expert;
    private final ExpertCall call;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment rows = arena.allocate((long) MAX_ROWS * HIDDEN * Short.BYTES, 64);
    private final MemorySegment results = arena.allocate((long) MAX_ROWS * HIDDEN * Float.BYTES, 64);
    private final long firstBits;
    private final boolean asPredicted;

    /**
     * What an expert gives that must be right, before the device is used for anything.
     *
     * @param call of its own, whatever else is under way
     */
    SelfTest(final CudaKernels kernels, final ExpertCall call, final String tensorCore) {
        this.call = call;
        call.reserve(MAX_ROWS, HIDDEN, FFN, Dtype.BF16);
        final Values values = new Values(HIDDEN * 31 + FFN);
        final TensorView w1 = matrix("w1", FFN, HIDDEN, values);
        final TensorView w3 = matrix("w3", FFN, HIDDEN, values);
        final TensorView w2 = matrix("w2", HIDDEN, FFN, values);
        fill(rows, (long) MAX_ROWS * HIDDEN, ROW_SCALE, values);
        expert = new CudaExpertKernel(
                kernels, HIDDEN, FFN, Dtype.BF16, new UnitWeights(new ExpertKey(0, 0), w1, w2, w3), MAX_ROWS);
        expert.compute(call, rows, MAX_ROWS, results);
        requireNear(w1, w2, w3);
        final long all = hash(MAX_ROWS);
        final Map<Tiling, Long> amongOthers = new EnumMap<>(Tiling.class);
        for (final Tiling tiling : Tiling.values()) {
            amongOthers.put(tiling, hash(tiling.rows));
        }
        amongOthers.forEach((tiling, bits) -> {
            if (bits(tiling.rows) != bits) {
                throw kernels.context()
                        .lose("self-test: " + tiling.rows + " rows have other bits alone than among others", null);
            }
        });
        firstBits = bits(Tiling.R8.rows);
        asPredicted = Long.toHexString(all).equals(predicted(tensorCore));
    }

    /** Whether the device's bits are those that the model of its tensor cores gives. */
    boolean isAsPredicted() {
        return asPredicted;
    }

    /** Whether eight rows still have the bits that they had at first. */
    boolean isStillRight() {
        return bits(Tiling.R8.rows) == firstBits;
    }

    private long bits(final int count) {
        expert.compute(call, rows, count, results);
        return hash(count);
    }

    private long hash(final int count) {
        return hash(results, (long) count * HIDDEN * Float.BYTES);
    }

    /** FNV-1a, as the checks in C++ take it. */
    static long hash(final MemorySegment bytes, final long count) {
        long hash = FNV_OFFSET;
        for (long i = 0; i < count; i++) {
            hash = (hash ^ (bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, i) & 0xff)) * FNV_PRIME;
        }
        return hash;
    }

    private static String predicted(final String tensorCore) {
        final Properties properties = new Properties();
        try (InputStream in = SelfTest.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " isn't on the class path");
            }
            properties.load(in);
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
        return properties
                .getProperty(tensorCore + ".down_t128." + HIDDEN + "x" + FFN, "")
                .replaceFirst("^0+", "");
    }

    /** Equal bits could be equally wrong. */
    private void requireNear(final TensorView w1, final TensorView w2, final TensorView w3) {
        final double[] activated = new double[FFN];
        for (int f = 0; f < FFN; f++) {
            final double gate = dot(w1, f, HIDDEN, null);
            activated[f] = gate / (1 + StrictMath.exp(-gate)) * dot(w3, f, HIDDEN, null);
        }
        double difference = 0;
        double norm = 0;
        for (int o = 0; o < HIDDEN; o++) {
            final double exact = dot(w2, o, FFN, activated);
            final double actual = results.getAtIndex(JAVA_FLOAT, o);
            difference += (actual - exact) * (actual - exact);
            norm += exact * exact;
        }
        if (!(Math.sqrt(difference / norm) < TOLERANCE)) {
            throw new IllegalStateException(
                    "self-test: the device's sums are wrong by " + Math.sqrt(difference / norm) + " of their size");
        }
    }

    private double dot(
            final TensorView weights,
            final int output,
            final int k,
            final double @org.jspecify.annotations.Nullable [] x) {
        double sum = 0;
        for (int i = 0; i < k; i++) {
            final double value = x == null ? Bf16.toFloat(rows.getAtIndex(JAVA_SHORT, i)) : x[i];
            sum += value * Bf16.toFloat(weights.data().getAtIndex(JAVA_SHORT, (long) output * k + i));
        }
        return sum;
    }

    private TensorView matrix(final String name, final long outputs, final long inputs, final Values values) {
        final MemorySegment data = arena.allocate(outputs * inputs * Short.BYTES, 64);
        fill(data, outputs * inputs, WEIGHT_SCALE, values);
        return new TensorView(name, Dtype.BF16, List.of(outputs, inputs), data);
    }

    private static void fill(final MemorySegment to, final long count, final float scale, final Values values) {
        for (long i = 0; i < count; i++) {
            to.setAtIndex(JAVA_SHORT, i, Bf16.fromFloat(values.next(scale)));
        }
    }

    @Override
    public void close() {
        call.close();
        expert.close();
        arena.close();
    }

    /** The same in C++: {@code smoke.cpp}. */
    private static final class Values {
        private static final int MULTIPLIER = 1664525;
        private static final int INCREMENT = 1013904223;
        private static final int HALF = 1 << 23;

        private int state;

        Values(final int seed) {
            state = seed;
        }

        float next(final float scale) {
            state = state * MULTIPLIER + INCREMENT;
            return ((state >>> 8) - HALF) * (1.0f / HALF) * scale;
        }
    }
}
