package io.cheshire.model.runtime.onednn.matmul;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.NativeKernels;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import io.cheshire.model.runtime.onednn.simd.Int4Kernels;
import io.cheshire.model.runtime.onednn.simd.QuantisedLayout;
import io.cheshire.model.testing.GoldenGroups;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Kernels that are broken on purpose are found before they count, and answers have the right bits all the same. */
class QuantisedSelfTestTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(QuantisedMatmul.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(logged);
    }

    /** What a compiler or a processor may get wrong. */
    enum Damage {
        /** The last output of a panel. */
        ONE_SUM,
        /** Sums are kept in 16 bits, which saturate. */
        SATURATES,
        /** A multiplication and an addition are one operation. */
        FUSES,
        /** Subnormal results become zero. */
        FLUSHES,
        /** Halves are rounded up instead of to even. */
        ROUNDS_UP,
        /** A NaN is lost. */
        LOSES_NAN
    }

    @ParameterizedTest
    @EnumSource
    void shouldFallBackToPlainJavaWhereAVectorKernelIsBroken(final Damage damage) {
        for (final GoldenGroups.Case golden : GoldenGroups.CASES) {
            logged.list.clear();
            try (OpenMpTeam team = new OpenMpTeam(2);
                    MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.AUTO);
                    QuantisedMatmul matmul = new QuantisedMatmul(
                            context, QuantisedKernels.AUTO, new Broken(damage), NativeKernels::shipped)) {
                team.prepareCallingThread();

                assertThat(goldenDigest(matmul, golden.how()))
                        .as("%s, %s", damage, golden.how())
                        .isEqualTo(golden.y());

                assertThat(logged.list)
                        .extracting(ILoggingEvent::getFormattedMessage)
                        .singleElement()
                        .asString()
                        .startsWith("our vector kernels give wrong results for "
                                + Precision.of(golden.how()).word() + " on this")
                        .contains("plain Java computes instead");
                assertThat(matmul.description()).isEqualTo("plain Java");
            }
        }
    }

    @Test
    void shouldSayNothingWhereKernelsAreRight() {
        for (final GoldenGroups.Case golden : GoldenGroups.CASES) {
            try (OpenMpTeam team = new OpenMpTeam(2);
                    MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.AUTO);
                    QuantisedMatmul matmul = new QuantisedMatmul(context, QuantisedKernels.VECTOR)) {
                team.prepareCallingThread();
                assertThat(goldenDigest(matmul, golden.how())).isEqualTo(golden.y());
                assertThat(matmul.description()).contains("not wanted");
            }
        }
        assertThat(logged.list).isEmpty();
    }

    static String goldenDigest(final QuantisedMatmul matmul, final Quantisation how) {
        final float[] x = GoldenGroups.rows();
        final float[] y = new float[GoldenGroups.ROWS * GoldenGroups.OUTPUTS];
        final TensorView weights =
                GoldenGroups.matrix(GoldenGroups.weights(), GoldenGroups.OUTPUTS, GoldenGroups.INPUTS);
        try (PackedWeights packed = matmul.pack(
                        GoldenGroups.INPUTS,
                        GoldenGroups.OUTPUTS,
                        Dtype.F32,
                        how,
                        List.of(weights),
                        Arrays.asList((TensorView) null));
                NativeBuffer src = NativeBuffer.allocate((long) x.length * Float.BYTES);
                NativeBuffer dst = NativeBuffer.allocate((long) y.length * Float.BYTES)) {
            for (int i = 0; i < x.length; i++) {
                src.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, x[i]);
            }
            packed.multiply(src.address(), GoldenGroups.ROWS, dst.address(), false);
            for (int i = 0; i < y.length; i++) {
                y[i] = dst.segment().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            }
        }
        return GoldenGroups.digest(y);
    }

    /** The vector kernels, with one thing wrong. */
    private static final class Broken extends VectorGroupKernels {
        private final Damage damage;

        Broken(final Damage damage) {
            this.damage = damage;
        }

        @Override
        public float quantise(final long x, final int count, final int[] q, final int at) {
            final float scale = super.quantise(x, count, q, at);
            if (damage == Damage.ROUNDS_UP) {
                q[at] += q[at] > 0 && q[at] < 127 ? 1 : 0;
            }
            return damage == Damage.LOSES_NAN && Float.isNaN(scale) ? 0f : scale;
        }

        @Override
        public void sumsOfBytes(
                final QuantisedLayout.Order order,
                final long group,
                final float[] x,
                final int at,
                final int rows,
                final int inputs,
                final float[] sums) {
            super.sumsOfBytes(order, group, x, at, rows, inputs, sums);
            spoil(sums, rows);
        }

        @Override
        public void sumsOfHalves(
                final long group,
                final Int4Kernels.Input x,
                final int at,
                final int rows,
                final int inputs,
                final int offsetsAt,
                final float[] sums) {
            super.sumsOfHalves(group, x, at, rows, inputs, offsetsAt, sums);
            spoil(sums, rows);
        }

        private void spoil(final float[] sums, final int rows) {
            if (damage == Damage.ONE_SUM) {
                sums[rows * 64 - 1] += 1;
            }
            for (int i = 0; damage == Damage.SATURATES && i < rows * 64; i++) {
                sums[i] = Math.clamp(sums[i], -32_768f, 32_767f);
            }
        }

        @Override
        public void add(
                final float[] sums,
                final int rows,
                final float[] sx,
                final int sxAt,
                final int sxStride,
                final long scales,
                final float[] totals) {
            final float[] before = totals.clone();
            super.add(sums, rows, sx, sxAt, sxStride, scales, totals);
            for (int i = 0; i < rows * 64; i++) {
                if (damage == Damage.FLUSHES && Math.abs(totals[i]) < Float.MIN_NORMAL) {
                    totals[i] = 0f;
                }
                if (damage == Damage.FUSES && !Float.isNaN(totals[i])) {
                    final double sum = (double) totals[i] - before[i];
                    totals[i] = (float) (before[i] + sum * (1 + 0x1p-22));
                }
            }
        }
    }
}
