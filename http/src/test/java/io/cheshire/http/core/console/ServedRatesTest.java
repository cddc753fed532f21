package io.cheshire.http.core.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.coordinator.protocol.UnitLoad;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ServedRatesTest {
    private static final long SECOND = 1_000_000_000;
    private static final Offset<Double> EXACT = within(1e-9);
    private static final List<List<Integer>> BOTH = List.of(List.of(0, 1), List.of(0, 1), List.of(0, 1), List.of(0, 1));

    private final ServedRates rates = new ServedRates(10 * SECOND);

    private static UnitLoad load(final int layer, final int expert, final long rows, final long shards) {
        return new UnitLoad(layer, expert, rows, shards, shards * 1_000_000, rows * 2_000_000);
    }

    @Test
    void shouldAddUpWhatAllCopiesOfAUnitDid() {
        rates.add(0, Clusters.of(BOTH, Clusters.node(0, 5, load(1, 0, 100, 10)), Clusters.node(1, 6)));
        assertThat(rates.byNode()).isEmpty();
        rates.add(
                2 * SECOND,
                Clusters.of(BOTH, Clusters.node(0, 5, load(1, 0, 300, 30)), Clusters.node(1, 6, load(1, 0, 100, 20))));

        final ServedRates.Rate unit = rates.byUnit().get(2);
        assertThat(unit.rowsPerSecond()).isEqualTo(150, EXACT);
        assertThat(unit.queueSeconds()).isEqualTo(0.001, EXACT);
        assertThat(rates.byNode().get(0).busy()).isEqualTo(0.2, EXACT);
        assertThat(rates.byNode().get(1).rowsPerSecond()).isEqualTo(50, EXACT);
    }

    @Test
    void shouldForgetWhatLiesBeforeTheWindow() {
        for (int second = 0; second <= 20; second++) {
            final long rows = second <= 5 ? second * 1_000L : 5_000;
            rates.add(second * SECOND, Clusters.of(BOTH, Clusters.node(0, 5, load(0, 0, rows, rows))));
        }
        assertThat(rates.byNode().get(0).rowsPerSecond()).isZero();
        assertThat(rates.byUnit().get(0).queueSeconds()).isNaN();
    }

    @Test
    void shouldNotCountWhatAnotherLifeOfANodeOrAnUnknownOneServedBefore() {
        rates.add(0, Clusters.of(BOTH, Clusters.node(0, 5, load(0, 0, 9_000, 1))));
        rates.add(SECOND, Clusters.of(BOTH, Clusters.node(0, 77, load(0, 0, 4_000, 1))));
        assertThat(rates.byNode()).isEmpty();
        rates.add(2 * SECOND, Clusters.of(BOTH, Clusters.node(0, 77, load(0, 0, 4_010, 2))));

        assertThat(rates.byNode().get(0).rowsPerSecond()).isEqualTo(10, EXACT);
    }
}
