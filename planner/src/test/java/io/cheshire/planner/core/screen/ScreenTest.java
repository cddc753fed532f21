package io.cheshire.planner.core.screen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.core.search.FleetSearch;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.runtime.plan.PlanReader;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ScreenTest {
    private static CapacityPlan plan(final Map<String, ?> flags) {
        return PlanReader.read(null, flags, 1);
    }

    private static Screen screen(final CapacityPlan plan) {
        return new Screen(plan, ScreenLimits.DEFAULT, 1);
    }

    /** Little's law: sequences that run are requests a second times the time that each runs. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9})
    void shouldKeepLittlesLawAtEveryRate(final double share) {
        final CapacityPlan plan = plan(Map.of("workload.prompt", 300, "workload.output", 200));
        final FleetShape fleet = plan.fleet().first();
        final Screen screen = screen(plan);
        final double rate = share * screen.at(fleet, 0.1).saturation().mid();

        final ScreenResult found = screen.at(fleet, rate);

        final double running = found.use().running() * found.use().lanes();
        final double stays = 200 * found.latency().itlMs().mean() / 1e3;
        assertThat(running).isCloseTo(rate * stays, within(0.02 * running));
    }

    @Test
    void shouldCallARateAboveSaturationOverloadedAndOneBelowNot() {
        final CapacityPlan plan = plan(Map.of());
        final FleetShape fleet = plan.fleet().first();
        final double most = screen(plan).at(fleet, 0.1).saturation().mid();

        assertThat(screen(plan).at(fleet, 1.01 * most).state()).isEqualTo(LoadState.OVERLOADED);
        assertThat(screen(plan).at(fleet, 0.5 * most).state()).isEqualTo(LoadState.STABLE);
    }

    /** Erlang's C as tables have it; with one server it is how busy that is. */
    @ParameterizedTest
    @CsvSource({"1, 0.7, 0.7", "2, 1, 0.33333", "5, 4, 0.55411", "10, 8, 0.40918"})
    void shouldHaveErlangsFiguresForThoseWhoWait(final int servers, final double offered, final double wait) {
        assertThat(Waiting.erlangC(servers, offered)).isCloseTo(wait, within(1e-4));
    }

    /** Pollaczek and Khinchine: with one server and Poisson arrivals the correction is exact. */
    @Test
    void shouldWaitAsLongAsPollaczekAndKhinchineSay() {
        final double rho = 0.8;
        final double serviceNs = 1_000;
        final double expected = rho * serviceNs * (1 + 0.25) / (2 * (1 - rho));

        assertThat(Waiting.at(1, rho, serviceNs, 1, 0.5).overallNs()).isCloseTo(expected, within(1e-6));
    }

    /** Of 16 experts alike each gets a row of a step with probability 1 - (1 - 1/8)^rows. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16, 64})
    void shouldHaveAsManyShardsAsExpertsAreExpectedToBeActive(final int rows) {
        final CapacityPlan plan = plan(Map.of("fleet.replicas", 1));
        final ExpertStation station = new ExpertStation(
                plan.routing(),
                screen(plan).placement(plan.fleet().first()),
                io.cheshire.planner.core.cost.CostCurves.of(plan.nodeClass().calibration()),
                1);

        final double expected = 16 * (1 - Math.pow(1 - 1.0 / 8, rows));
        assertThat(station.at(rows).shards()).isCloseTo(expected, within(0.06 * expected));
    }

    @Test
    void shouldNeverCarryLessWithMoreRouters() {
        final CapacityPlan plan = plan(Map.of());
        final Screen screen = screen(plan);
        final double[] most = IntStream.of(1, 2, 4, 8)
                .mapToDouble(routers -> screen.at(new FleetShape(1, 16, 2, routers, 2, 0))
                        .saturation()
                        .mid())
                .toArray();
        assertThat(most).isSorted();
    }

    /** Busier routers leave nodes idle for a moment, which must not look like less waiting in all. */
    @ParameterizedTest
    @CsvSource({"4, 3, 6, 1024, 230", "8, 2, 4, 256, 200", "16, 2, 2, 512, 200", "1, 1, 1, 300, 60"})
    void shouldNeverAnswerSoonerAsTheRateRises(
            final int nodes, final int replicas, final int routers, final int prompt, final int output) {
        final Screen screen = screen(plan(Map.of(
                "workload.prompt",
                prompt,
                "workload.output",
                output,
                "fleet.node-class",
                "h200",
                "fleet.router-class",
                "h200")));
        final FleetShape fleet = new FleetShape(1, nodes, replicas, routers, 2, 0);
        final double most = screen.at(fleet, 0.01).saturation().mid();

        final List<Latency> rising = IntStream.range(1, 60)
                .mapToObj(i -> screen.at(fleet, most * i / 60).latency())
                .toList();

        assertThat(rising).extracting(each -> each.itlMs().mean()).isSorted();
        assertThat(rising).extracting(each -> each.ttftMs().p95()).isSorted();
    }

    @Test
    void shouldRefuseWhatMemoryDoesNotHold() {
        final CapacityPlan plan = plan(Map.of(
                "fleet.expert-nodes",
                1,
                "fleet.replicas",
                1,
                "fleet.node-class",
                "h100",
                "fleet.router-class",
                "h200"));
        final ScreenResult found = screen(plan).at(plan.fleet().first());

        assertThat(found.fits()).isFalse();
        assertThat(found.bottleneck()).isEqualTo(Station.MEMORY);
    }

    /** A slow end that is slower than the middle, which is slower than the fast end. */
    @Test
    void shouldWidenPredictionsByTheIntervalOfWhatWasMeasured() {
        final CapacityPlan plan = plan(Map.of("workload.rate", "0.2"));
        final ScreenResult found = screen(plan).at(plan.fleet().first());

        assertThat(found.bands().itlMeanMs().low())
                .isLessThan(0.8 * found.latency().itlMs().mean());
        assertThat(found.bands().itlMeanMs().high())
                .isGreaterThan(1.3 * found.latency().itlMs().mean());
        assertThat(found.outside()).isNotEmpty();
    }

    @Test
    @EnabledIfSystemProperty(named = "cheshire.test.long", matches = "true")
    void shouldScreenTenThousandFleetsInTenSeconds() {
        final List<Integer> nodes = IntStream.rangeClosed(4, 43).boxed().toList();
        final CapacityPlan plan = plan(Map.of(
                "fleet.expert-nodes", nodes,
                "fleet.replicas", List.of(1, 2, 3),
                "fleet.routers", List.of(1, 2, 3, 4, 5, 6, 7, 8),
                "fleet.cells", List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)));
        final Screen screen = screen(plan);
        final List<FleetShape> fleets = FleetSearch.fleets(plan.fleet());
        assertThat(fleets).hasSizeGreaterThan(10_000);

        final long from = System.nanoTime();
        final double sum = fleets.parallelStream()
                .mapToDouble(fleet -> screen.at(fleet).knee().mid())
                .sum();
        final double seconds = (System.nanoTime() - from) * 1e-9;

        System.out.println(fleets.size() + " fleets in " + seconds + " s");
        assertThat(sum).isPositive();
        assertThat(seconds).isLessThan(10);
    }
}
