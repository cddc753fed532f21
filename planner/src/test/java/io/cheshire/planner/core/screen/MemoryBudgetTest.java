package io.cheshire.planner.core.screen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.runtime.plan.PlanReader;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryBudgetTest {
    private static final double MIB = 1 << 20;

    private static MemoryBudget budget(final Map<String, ?> flags) {
        final CapacityPlan plan = PlanReader.read(null, flags, 1);
        return MemoryBudget.of(plan, plan.fleet().first());
    }

    /** By hand: 512 units of 3 x 4,096 x 6,400 in two bytes; 4 x 512 rows of 4,096 and 6,400; two matrices beside. */
    @Test
    void shouldCountWhatAGpuHoldsAndWhatItsHostDoes() {
        final MemoryBudget found = budget(
                Map.of("fleet.node-class", "h200", "fleet.expert-nodes", 16, "fleet.replicas", 2, "fleet.routers", 2));

        assertThat(found.node().weights() / MIB).isCloseTo(32 * 150, within(1e-6));
        assertThat(found.node().copies()).isEqualTo(found.node().weights());
        assertThat(found.node().workspace() / MIB).isCloseTo(4 * 10.25 + 100, within(1e-6));
        // Rows in flight of two routers, a block of rows and results, and the pieces that units come in.
        assertThat(found.hostBytes() / MIB).isCloseTo(2 * 96 + 4 * 12 + 8, within(1e-6));
    }

    @Test
    void shouldHoldRowsInFlightBesideTheWeightsWhereThereIsNoGpu() {
        final MemoryBudget found = budget(Map.of("fleet.node-class", "cpu", "fleet.routers", 2));

        assertThat(found.node().workspace() / MIB).isCloseTo(2 * 96, within(1e-6));
        assertThat(found.hostBytes()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "12, 12 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "399360, 390.0 KiB",
        "1048575, 1.0 MiB",
        "5e6, 4.8 MiB",
        "5033164800, 4.7 GiB",
        "-5e6, -4.8 MiB",
        "2e12, 1.8 TiB"
    })
    void shouldShowSizesInTheUnitThatFitsThem(final double bytes, final String words) {
        assertThat(SizeWords.of(bytes)).isEqualTo(words);
    }
}
