package io.cheshire.planner.core.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.planner.core.screen.Screen;
import io.cheshire.planner.core.screen.ScreenLimits;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.runtime.plan.PlanReader;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TornadoTest {
    /** What halving a rate finds may be off by so much. */
    private static final double ROUNDING = 1e-3;

    private static CapacityPlan plan(final String rate) {
        return PlanReader.read(
                null,
                Map.of(
                        "workload.prompt", 1_155,
                        "workload.output", 211,
                        "workload.rate", rate,
                        "objectives.ttft-p95", "4s",
                        "objectives.itl-p99", "900ms",
                        "fleet.node-class", "h200",
                        "fleet.router-class", "h200"),
                1);
    }

    @ParameterizedTest
    @CsvSource({"4, 3, 6", "8, 2, 4", "16, 2, 2"})
    void shouldNeverPromiseLessOfFasterParts(final int nodes, final int replicas, final int routers) {
        assertThat(Tornado.of(plan("4"), new FleetShape(1, nodes, replicas, routers, 2, 0), ScreenLimits.DEFAULT, 1))
                .filteredOn(bar -> bar.what().startsWith("speed of"))
                .hasSize(4)
                .allSatisfy(bar -> assertThat(bar.more().headroom())
                        .isGreaterThanOrEqualTo((1 - ROUNDING) * bar.less().headroom()));
    }

    /** What the page says of ups and downs goes with what it says of the fleet. */
    @Test
    void shouldHaveTheFleetsAvailabilityBetweenThoseOfSlowerAndFasterParts() {
        final CapacityPlan plan = plan("5");
        final FleetShape fleet = new FleetShape(1, 4, 3, 6, 2, 0);
        final double attained = new FleetSearch(plan, new Screen(plan, ScreenLimits.DEFAULT, 1))
                .availability(fleet)
                .attained();

        assertThat(Tornado.of(plan, fleet, ScreenLimits.DEFAULT, 1))
                .filteredOn(bar -> bar.what().startsWith("speed of"))
                .allSatisfy(bar -> {
                    assertThat(bar.less().attained()).isLessThanOrEqualTo(attained);
                    assertThat(bar.more().attained()).isGreaterThanOrEqualTo(attained);
                });
    }
}
