package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBf16Kernel;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.NativeKernels;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Few rows by our native kernel have oneDNN's bits, or oneDNN computes them. */
class FewRowsTest {
    private static final int ROWS = 10;

    private final Logger logger = (Logger) LoggerFactory.getLogger(FewRows.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final OpenMpTeam team = new OpenMpTeam(2);
    private final AtomicInteger calls = new AtomicInteger();

    /** What weights and rows are made of. */
    enum Values {
        ORDINARY {
            @Override
            short next(final SplittableRandom numbers, final int i) {
                return Bf16.fromFloat(2 * numbers.nextFloat() - 1);
            }
        },
        LARGE_AND_SMALL {
            @Override
            short next(final SplittableRandom numbers, final int i) {
                return Bf16.fromFloat(Math.scalb(2 * numbers.nextFloat() - 1, numbers.nextInt(-40, 41)));
            }
        },
        EQUAL {
            @Override
            short next(final SplittableRandom numbers, final int i) {
                return Bf16.fromFloat(1.5f);
            }
        },
        CANCELLING {
            @Override
            short next(final SplittableRandom numbers, final int i) {
                return Bf16.fromFloat(i % 5 == 0 ? numbers.nextFloat() : i % 2 == 0 ? 0x1p30f : -0x1p30f);
            }
        },
        /** Products that are flushed to zeros of either sign, and a few that aren't. */
        TINY {
            @Override
            short next(final SplittableRandom numbers, final int i) {
                final int exponent = i % 7 == 0 ? numbers.nextInt(70) : numbers.nextInt(2);
                return (short) ((numbers.nextInt() & 0x8000) | (exponent << 7) | numbers.nextInt(128));
            }
        },
        INFINITE {
            @Override
            short next(final SplittableRandom numbers, final int i) {
                final float sign = numbers.nextBoolean() ? 1 : -1;
                return Bf16.fromFloat(i % 211 == 7 ? sign * Float.POSITIVE_INFINITY : sign * numbers.nextFloat());
            }
        };

        abstract short next(SplittableRandom numbers, int i);
    }

    @BeforeEach
    void listen() {
        logged.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(logged);
    }

    @AfterEach
    void close() {
        logger.detachAppender(logged);
        logger.setLevel(null);
        team.close();
    }

    @ParameterizedTest
    @CsvSource({
        "32, 64",
        "64, 128",
        "1, 64",
        "2, 65",
        "31, 100",
        "33, 129",
        "100, 700",
        "512, 192",
        "1023, 65",
        "1024, 65",
        "1025, 66",
        "1030, 127",
        "2049, 80",
        "3000, 300"
    })
    void shouldGiveTheBitsOfOneDnn(final int k, final int n) {
        for (final boolean bias : new boolean[] {false, true}) {
            assertSameBits(RowTiles.FREE, k, n, bias, Values.ORDINARY);
        }
        assertThat(calls).hasPositiveValue();
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .hasSize(2)
                .allMatch(line -> line.contains("up to 8 rows by our native kernel, with oneDNN's bits"));
    }

    @ParameterizedTest
    @EnumSource(Values.class)
    void shouldGiveTheBitsOfOneDnnForStrangeValues(final Values values) {
        for (final boolean bias : new boolean[] {false, true}) {
            assertSameBits(RowTiles.FREE, 2100, 96, bias, values);
            assertSameBits(RowTiles.FREE, 333, 100, bias, values);
        }
        assertThat(calls).hasPositiveValue();
    }

    @ParameterizedTest
    @EnumSource(RowTiles.class)
    void shouldGiveTheBitsOfTheTilesInUse(final RowTiles tiles) {
        assertSameBits(tiles, 2500, 130, true, Values.ORDINARY);
        assertThat(calls).hasPositiveValue();
    }

    @Test
    void shouldLeaveFp32ToOneDnn() {
        usable();
        try (MatmulContext context = new MatmulContext(
                        team, RowTiles.FREE, Bf16Matmul.AUTO, QuantisedKernels.AUTO, this::counted, 0);
                PackedWeights packed = context.pack(
                        1,
                        32,
                        Dtype.F32,
                        List.of(tensor(32 * 64, i -> Bf16.fromFloat(i % 32), List.of(64L, 32L))),
                        Arrays.asList((TensorView) null));
                NativeBuffer src = NativeBuffer.allocate(32 * Float.BYTES);
                NativeBuffer dst = NativeBuffer.allocate(64 * Float.BYTES)) {
            src.segment().fill((byte) 0);
            src.segment().setAtIndex(JAVA_FLOAT, 3, 2);
            packed.multiply(src.address(), 1, dst.address(), false);
            assertThat(dst.segment().asSlice(0, 64 * Float.BYTES).toArray(JAVA_FLOAT))
                    .containsOnly(6);
        }
        assertThat(calls).hasValue(0);
    }

    @Test
    void shouldLeaveSmallWeightsToOneDnn() {
        try (MatmulContext context = new MatmulContext(
                team, RowTiles.FREE, Bf16Matmul.AUTO, QuantisedKernels.AUTO, this::counted, 300 * 128 + 1)) {
            results(context, 300, 128, false, Values.ORDINARY);
        }
        assertThat(calls).hasValue(0);
    }

    @Test
    void shouldLeaveAllToOneDnnWhereItIsAskedFor() {
        try (MatmulContext context =
                new MatmulContext(team, RowTiles.FREE, Bf16Matmul.ONEDNN, QuantisedKernels.AUTO, this::counted, 0)) {
            results(context, 300, 128, false, Values.ORDINARY);
        }
        assertThat(calls).hasValue(0);
    }

    @Test
    void shouldLeaveAllToOneDnnWhereOneBitDiffersAndSaySoOnce() {
        final NativeBf16Kernel right = usable();
        final NativeBf16Kernel wrong = (matmul, weights, begin, end) -> {
            right.panels(matmul, weights, begin, end);
            spoilOneBit(matmul, begin);
        };
        try (MatmulContext context = context(RowTiles.FREE, wrong);
                MatmulContext oneDnn = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.ONEDNN)) {
            for (final int n : new int[] {128, 192}) {
                assertThat(results(context, 300, n, true, Values.ORDINARY))
                        .isEqualTo(results(oneDnn, 300, n, true, Values.ORDINARY));
            }
        }
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .hasSize(1)
                .allMatch(line -> line.contains("our native kernel has other bits than oneDNN"));
    }

    /** Another order of the sums: the check must see it even though it is right in every other way. */
    @Test
    void shouldSeePartsOfAnotherSize() {
        final NativeBf16Kernel right = usable();
        final NativeBf16Kernel otherOrder = (matmul, weights, begin, end) -> {
            final MemorySegment fields = fields(matmul);
            final long part = fields.getAtIndex(JAVA_LONG, 6);
            fields.setAtIndex(JAVA_LONG, 6, part / 2 + 2);
            right.panels(matmul, weights, begin, end);
            fields.setAtIndex(JAVA_LONG, 6, part);
        };
        try (OpenMpTeam alone = new OpenMpTeam(1);
                MatmulContext context = new MatmulContext(
                        alone, RowTiles.FREE, Bf16Matmul.AUTO, QuantisedKernels.AUTO, () -> kernels(otherOrder), 0)) {
            results(context, 2048, 64, false, Values.ORDINARY);
        }
        assertThat(logged.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .allMatch(line -> line.contains("our native kernel has other bits than oneDNN"))
                .hasSize(1);
    }

    private void assertSameBits(
            final RowTiles tiles, final int k, final int n, final boolean bias, final Values values) {
        final NativeBf16Kernel right = usable();
        final NativeBf16Kernel counting = (matmul, weights, begin, end) -> {
            calls.incrementAndGet();
            right.panels(matmul, weights, begin, end);
        };
        try (MatmulContext context = context(tiles, counting);
                MatmulContext oneDnn = new MatmulContext(team, tiles, Bf16Matmul.ONEDNN)) {
            assertThat(results(context, k, n, bias, values))
                    .as("%dx%d, bias %s, %s", k, n, bias, values)
                    .isEqualTo(results(oneDnn, k, n, bias, values));
        }
    }

    /** Bits of all results of one row to {@link #ROWS} rows. */
    private static int[][] results(
            final MatmulContext context, final int k, final int n, final boolean bias, final Values values) {
        final SplittableRandom numbers = new SplittableRandom(3);
        final int[][] bits = new int[ROWS][];
        final TensorView w = tensor(k * n, i -> values.next(numbers, i % k), List.of((long) n, (long) k));
        final TensorView b = bias ? tensor(n, i -> values.next(numbers, i), List.of((long) n)) : null;
        final TensorView x = tensor(k * ROWS, i -> values.next(numbers, i % k), List.of((long) ROWS, (long) k));
        try (PackedWeights packed = context.pack(ROWS, k, Dtype.BF16, List.of(w), Arrays.asList(b));
                NativeBuffer dst = NativeBuffer.allocate((long) ROWS * n * Float.BYTES)) {
            for (int rows = 1; rows <= ROWS; rows++) {
                dst.segment().fill((byte) 0x55);
                packed.multiply(x.data().address(), rows, dst.address(), false);
                bits[rows - 1] = new int[ROWS * n];
                for (int i = 0; i < rows * n; i++) {
                    bits[rows - 1][i] = Float.floatToRawIntBits(dst.segment().getAtIndex(JAVA_FLOAT, i));
                }
            }
        }
        return bits;
    }

    private static TensorView tensor(final int count, final IntFunction<Short> values, final List<Long> shape) {
        final MemorySegment data = Arena.ofAuto().allocate((long) count * Short.BYTES, 64);
        for (int i = 0; i < count; i++) {
            data.setAtIndex(JAVA_SHORT, i, values.apply(i));
        }
        return new TensorView("t", Dtype.BF16, shape, data);
    }

    private MatmulContext context(final RowTiles tiles, final NativeBf16Kernel kernel) {
        return new MatmulContext(team, tiles, Bf16Matmul.AUTO, QuantisedKernels.AUTO, () -> kernels(kernel), 0);
    }

    private NativeKernels counted() {
        calls.incrementAndGet();
        return NativeKernels.shipped();
    }

    private static NativeKernels kernels(final NativeBf16Kernel kernel) {
        return new NativeKernels(List.of(), kernel, "");
    }

    private static NativeBf16Kernel usable() {
        final NativeBf16Kernel shipped = NativeKernels.shipped().bf16();
        assumeTrue(shipped != null, "this processor has no AVX-512 instructions for bf16");
        // With others, AMX's for one, it packs or sums in another way: the check refuses, and nothing is to be seen.
        assumeTrue(Dnnl.description().endsWith("avx512_core_bf16"), "oneDNN uses other instructions for bf16 here");
        return shipped;
    }

    private static void spoilOneBit(final long matmul, final long panel) {
        final MemorySegment fields = fields(matmul);
        final long outputs = fields.getAtIndex(JAVA_LONG, 4);
        final MemorySegment y =
                MemorySegment.ofAddress(fields.getAtIndex(JAVA_LONG, 2)).reinterpret(outputs * Float.BYTES);
        final long at = panel * NativeBf16Kernel.PANEL;
        y.setAtIndex(JAVA_FLOAT, at, Math.nextUp(y.getAtIndex(JAVA_FLOAT, at)));
    }

    private static MemorySegment fields(final long matmul) {
        return MemorySegment.ofAddress(matmul).reinterpret(7 * Long.BYTES);
    }
}
