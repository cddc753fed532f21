package io.cheshire.model.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.protocol.Quantisation;
import io.cheshire.model.testing.GoldenGroups;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of quantised matmuls, docs/model.md §7.1. */
class QuantisedGroupsTest {
    private static final Quantisation INT8 = new Quantisation(8, 32);
    private static final Quantisation INT4 = new Quantisation(4, 32);

    static List<GoldenGroups.Case> goldenCases() {
        return GoldenGroups.CASES;
    }

    @ParameterizedTest
    @MethodSource("goldenCases")
    void shouldGiveTheBitsThatIndependentImplementationsGive(final GoldenGroups.Case golden) {
        final Quantisation how = golden.how();
        final int inputs = GoldenGroups.INPUTS;
        final int groups = how.groups(inputs);
        final byte[] qx = new byte[GoldenGroups.ROWS * inputs];
        final float[] sx = new float[GoldenGroups.ROWS * groups];
        for (int row = 0; row < GoldenGroups.ROWS; row++) {
            final byte[] q = new byte[inputs];
            final float[] scales = new float[groups];
            RowGroups.quantise(GoldenGroups.rows(), row * inputs, inputs, how.group(), q, scales);
            System.arraycopy(q, 0, qx, row * inputs, inputs);
            System.arraycopy(scales, 0, sx, row * groups, groups);
        }
        final QuantisedMatrix weights = QuantisedMatrix.of(
                GoldenGroups.matrix(GoldenGroups.weights(), GoldenGroups.OUTPUTS, inputs),
                GoldenGroups.OUTPUTS,
                inputs,
                how);
        final float[] sw = new float[weights.scales().length];
        for (int i = 0; i < sw.length; i++) {
            sw[i] = Bf16.toFloat(weights.scales()[i]);
        }
        final float[] y = new float[GoldenGroups.ROWS * GoldenGroups.OUTPUTS];
        for (int row = 0; row < GoldenGroups.ROWS; row++) {
            final byte[] rowQ = Arrays.copyOfRange(qx, row * inputs, (row + 1) * inputs);
            final float[] rowScales = Arrays.copyOfRange(sx, row * groups, (row + 1) * groups);
            for (int o = 0; o < GoldenGroups.OUTPUTS; o++) {
                y[row * GoldenGroups.OUTPUTS + o] = weights.product(rowQ, rowScales, o);
            }
        }

        assertThat(GoldenGroups.digest(qx)).isEqualTo(golden.qx());
        assertThat(GoldenGroups.digest(sx)).isEqualTo(golden.sx());
        assertThat(GoldenGroups.digest(weights.q())).isEqualTo(golden.qw());
        assertThat(GoldenGroups.digest(sw)).isEqualTo(golden.sw());
        assertThat(GoldenGroups.digest(y)).isEqualTo(golden.y());
    }

    @Test
    void shouldRoundTiesToEven() {
        final Row row = quantise(127f, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f);

        assertThat(row.q).containsExactly(127, 0, 2, 2, 0, -2);
        assertThat(row.scales).containsExactly(1f);
    }

    @Test
    void shouldMakeARowThatIsNotFiniteNotANumberWhereItIsNotFinite() {
        for (final float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            final float[] x = new float[64];
            Arrays.fill(x, 1f);
            x[40] = bad;
            final Row row = quantise(x);

            assertThat(row.scales[0]).isEqualTo(1f / 127f);
            assertThat(row.scales[1]).isNaN();
            assertThat(Arrays.copyOfRange(row.q, 32, 64)).containsOnly(0);
        }
    }

    @Test
    void shouldTakeGroupsBelowTheLeastMagnitudeForZeros() {
        assertThat(quantise(0x1p-101f, -0x1p-120f).scales).containsExactly(0f);
        assertThat(quantise(0x1p-100f, 0f).q).containsExactly(127, 0);
        final QuantisedMatrix weights = matrix(INT8, 0x1p-101f, 0x1p-102f);
        assertThat(weights.scales()).containsExactly((short) 0);
        assertThat(weights.q()).containsExactly(0, 0);
    }

    @Test
    void shouldGiveTheValueOfTheLargestMagnitudeTheWholeRangeOfFourBits() {
        assertThat(matrix(INT4, 4f, -2f, 1f).q()).containsExactly(-8, 4, -2);
        assertThat(matrix(INT4, -4f, 2f, 3.9f).q()).containsExactly(-8, 4, 7);
        // Of two alike in magnitude the positive one counts, wherever it stands.
        assertThat(matrix(INT4, -4f, 4f).q()).containsExactly(7, -8);
        assertThat(matrix(INT4, 4f, -4f).q()).containsExactly(-8, 7);
    }

    @Test
    void shouldKeepSubnormalProductsOfScales() {
        final QuantisedMatrix weights = matrix(INT8, 0x1p-60f);
        final Row row = quantise(0x1p-70f);
        final float expected = (127f * 127f * row.scales[0]) * Bf16.toFloat(weights.scales()[0]);

        assertThat(row.scales[0] * Bf16.toFloat(weights.scales()[0]))
                .isGreaterThan(0f)
                .isLessThan(Float.MIN_NORMAL);
        assertThat(weights.product(row.q, row.scales, 0)).isEqualTo(expected).isGreaterThan(0f);
    }

    @Test
    void shouldRefuseWeightsThatAreNotFinite() {
        assertThatThrownBy(() -> matrix(INT4, 1f, Float.NaN)).hasMessageContaining("a weight is NaN");
    }

    private static final class Row {
        final byte[] q;
        final float[] scales;

        Row(final int inputs) {
            q = new byte[inputs];
            scales = new float[INT8.groups(inputs)];
        }
    }

    private static Row quantise(final float... x) {
        final Row row = new Row(x.length);
        RowGroups.quantise(x, 0, x.length, INT8.group(), row.q, row.scales);
        return row;
    }

    private static QuantisedMatrix matrix(final Quantisation how, final float... values) {
        return QuantisedMatrix.of(GoldenGroups.matrix(values, 1, values.length), 1, values.length, how);
    }
}
