package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BalanceComparisonTest {
    @Test
    void shouldReadTheRoutingDataPublishedForTheModel() throws IOException {
        final RoutingLoads loads = published();
        assertThat(loads.experts()).isEqualTo(16);
        assertThat(loads.layers()).isEqualTo(32);
        assertThat(loads.windows().keySet()).containsExactly("main", "control");
        assertThat(loads.windows().get("main").get(15)).isEqualTo(0.0854);
    }

    @Test
    void shouldBeatHomeInSampleAndEplbOnTheSkewedExample() {
        final RoutingLoads loads = RoutingLoads.parse(
                "loads", List.of("window,layer,e0,e1,e2,e3,e4,e5,e6,e7", "a,0,600,560,120,120,20,10,10,10"));
        final BalanceComparison comparison = new BalanceComparison(loads, 8, 2, 1, 0);
        assertThat(comparison.home().hottest()).isEqualTo(600);
        assertThat(comparison.eplb().hottest()).isCloseTo(232, within(1e-4));
        final BalanceComparison.Result ours = comparison.cheshire();
        assertThat(ours.hottest()).isCloseTo(560 / 3.0 + 10, within(1e-9));
        assertThat(ours.inSample()).isCloseTo(1450 / 8.0 / ours.hottest(), within(1e-9));
        assertThat(ours.outOfSample()).as("there is no next window").isNaN();
        assertThat(ours.gainPerUnit() * ours.unitsLoaded()).isCloseTo(600 - ours.hottest(), within(1e-9));
        assertThat(comparison.home().gainPerUnit()).isZero();
    }

    @Test
    void shouldJudgeOutOfSampleOnTheNextWindow() {
        final RoutingLoads loads = RoutingLoads.parse("loads", List.of("window,layer,e0,e1", "a,0,30,10", "b,0,10,30"));
        final BalanceComparison.Result home = new BalanceComparison(loads, 2, 1, 1, 0).home();
        assertThat(home.inSample()).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(home.outOfSample()).isCloseTo(2.0 / 3, within(1e-12));
        // Expert 0 doubled for window a: 3 nodes x 1 slot leave room for one copy, which is wrong for window b.
        final BalanceComparison.Result ours = new BalanceComparison(loads, 3, 1, 1, 0).cheshire();
        assertThat(ours.inSample()).isCloseTo(40 / 3.0 / 15, within(1e-12));
        assertThat(ours.outOfSample()).isCloseTo(40 / 3.0 / 30, within(1e-12));
    }

    @Test
    void shouldBalancePublishedDataAsWellAsEplbWithFewerLoads() throws IOException {
        final BalanceComparison comparison = new BalanceComparison(published(), 16, 2, 1, 0);
        assertThat(comparison.cheshire().inSample())
                .isGreaterThanOrEqualTo(comparison.home().inSample());
        assertThat(comparison.cheshire().hottest())
                .isLessThanOrEqualTo(comparison.eplb().hottest() * (1 + 1e-9));
        assertThat(comparison.cheshire().unitsLoaded())
                .isLessThan(comparison.eplb().unitsLoaded());
    }

    @Test
    void shouldNameTheLineThatIsWrong() {
        final String header = "window,layer,e0,e1";
        assertThatThrownBy(() -> RoutingLoads.parse("f", List.of("a,b"))).hasMessageContaining("first line");
        assertThatThrownBy(() -> RoutingLoads.parse("f", List.of(header))).hasMessageContaining("no rows");
        assertThatThrownBy(() -> RoutingLoads.parse("f", List.of(header, "a,0,1")))
                .hasMessageContaining("line 2");
        assertThatThrownBy(() -> RoutingLoads.parse("f", List.of(header, "a,1,1,2")))
                .hasMessageContaining("layer 0");
        assertThatThrownBy(() -> RoutingLoads.parse("f", List.of(header, "a,0,1,x")))
                .hasMessageContaining("\"x\"");
        assertThatThrownBy(() -> RoutingLoads.parse("f", List.of(header, "a,0,1,-2")))
                .hasMessageContaining("negative");
        assertThatThrownBy(() -> RoutingLoads.parse("f", List.of(header, "a,0,1,2", "b,0,1,2", "b,1,1,2")))
                .hasMessageContaining("window b");
    }

    private static RoutingLoads published() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                BalanceComparisonTest.class.getResourceAsStream("/traces/grin-fig5-routing.csv"))) {
            final String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return RoutingLoads.parse("grin-fig5-routing.csv", text.lines().toList());
        }
    }
}
