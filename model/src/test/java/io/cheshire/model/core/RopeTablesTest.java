package io.cheshire.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.model.protocol.GateKind;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.RopeScaling;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Golden values of docs/model.md §3.1, computed with torch from the published factors of Phi-3.5-MoE. */
class RopeTablesTest {
    private static final ModelConfig PHI35 = config(phi35Scaling());

    @Test
    void shouldMatchTorchsInverseFrequenciesBitForBit() {
        final float[] shortInverse = RopeTables.inverseFrequencies(PHI35, RopeTable.Kind.SHORT);
        final float[] longInverse = RopeTables.inverseFrequencies(PHI35, RopeTable.Kind.LONG);

        assertThat(Float.floatToIntBits(shortInverse[1])).isEqualTo(0x3f552914);
        assertThat(Float.floatToIntBits(shortInverse[31])).isEqualTo(0x3bffaccb);
        assertThat(Float.floatToIntBits(shortInverse[63])).isEqualTo(0x382d9a36);
        assertThat(Float.floatToIntBits(longInverse[0])).isEqualTo(0x3f7afafb);
        assertThat(Float.floatToIntBits(longInverse[31])).isEqualTo(0x39af0861);
        assertThat(Float.floatToIntBits(longInverse[63])).isEqualTo(0x35ee98ad);
    }

    @Test
    void shouldMatchTorchsShortTableAtItsLastPosition() {
        final RopeTable table = new RopeTables(PHI35, 131072).forSequence(4096);

        assertThat(table.kind()).isEqualTo(RopeTable.Kind.SHORT);
        assertThat(table.positions()).isEqualTo(4096);
        assertCos(table, 4095, 0, -0.08201892f);
        assertCos(table, 4095, 1, -0.5565806f);
        assertCos(table, 4095, 31, 1.0690471f);
        assertCos(table, 4095, 63, 1.2253493f);
        assertThat(table.sin()[4095 * 64]).isCloseTo(-1.2404546f, within(2 * Math.ulp(1f)));
        assertThat(table.sin()[4095 * 64 + 63]).isCloseTo(0.20969903f, within(2 * Math.ulp(1f)));
        assertCos(table, 0, 17, 1.2431631f);
        assertThat(table.sin()[17]).isZero();
    }

    @Test
    void shouldMatchTorchsLongTableUpToTheLastPosition() {
        final RopeTable table = new RopeTables(PHI35, 131072).forSequence(4097);

        assertThat(table.kind()).isEqualTo(RopeTable.Kind.LONG);
        assertCos(table, 4096, 0, 0.9256534f);
        assertCos(table, 4096, 1, 1.0944526f);
        assertCos(table, 4096, 31, 0.2510624f);
        assertCos(table, 4096, 63, 1.2431301f);
        assertThat(table.sin()[4096 * 64]).isCloseTo(0.8298315f, within(2 * Math.ulp(1f)));
        assertCos(table, 131071, 0, -1.1350855f);
        assertCos(table, 131071, 31, 1.2119803f);
        assertCos(table, 131071, 63, 1.2095698f);
    }

    @Test
    void shouldBuildNoMorePositionsThanTheContextLimitAndEachTableOnce() {
        final RopeTables tables = new RopeTables(PHI35, 8192);

        assertThat(tables.forSequence(8192).positions()).isEqualTo(8192);
        assertThat(tables.forSequence(5000)).isSameAs(tables.forSequence(8192));
        assertThat(tables.forSequence(10)).isSameAs(tables.forSequence(4096));
        assertThat(new RopeTables(PHI35, 100).forSequence(1).positions()).isEqualTo(100);
    }

    @Test
    void shouldUseThePlainTableWhenTheConfigHasNoScaling() {
        final RopeTable table = new RopeTables(config(null), 9000).forSequence(9000);

        assertThat(table.kind()).isEqualTo(RopeTable.Kind.PLAIN);
        assertCos(table, 1, 0, (float) Math.cos(1));
        assertThat(table.cos()[0]).isEqualTo(1f);
    }

    @Test
    void shouldRefuseASequenceBeyondTheContextLimit() {
        assertThatThrownBy(() -> new RopeTables(PHI35, 100).forSequence(101)).hasMessageContaining("101");
        assertThatThrownBy(() -> new RopeTables(PHI35, 131073)).hasMessageContaining("max_position_embeddings");
    }

    private static void assertCos(final RopeTable table, final int position, final int pair, final float expected) {
        // Java's fp32 cos differs from torch's by at most one ulp before the multiplication by mscale.
        assertThat(table.cos()[position * table.pairCount() + pair]).isCloseTo(expected, within(2 * Math.ulp(1f)));
    }

    private static ModelConfig config(final RopeScaling scaling) {
        return new ModelConfig(
                "phimoe",
                32064,
                4096,
                6400,
                32,
                32,
                8,
                128,
                16,
                2,
                1e-5,
                0.01,
                true,
                true,
                10000.0,
                scaling,
                131072,
                null,
                false,
                GateKind.SPARSE_MIXER,
                1,
                List.of(32000),
                null);
    }

    private static RopeScaling phi35Scaling() {
        try (InputStream in = RopeTablesTest.class.getResourceAsStream("/fixtures/phi35-moe-longrope.json")) {
            final JsonNode node = new ObjectMapper().readTree(in);
            final double mscale = node.get("mscale").asDouble();
            return new RopeScaling(
                    doubles(node.get("short_factor")), doubles(node.get("long_factor")), mscale, mscale, 4096);
        } catch (final IOException cause) {
            throw new java.io.UncheckedIOException(cause);
        }
    }

    private static List<Double> doubles(final JsonNode array) {
        final List<Double> values = new ArrayList<>();
        array.forEach(value -> values.add(value.asDouble()));
        return values;
    }
}
