package io.cheshire.benchmarks.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineReportTest {
    private static final EngineCase CASE = new EngineCase(100, 10, 2);

    @Test
    void shouldTakeTheMedianOfAModesRounds() {
        final EngineReport report = report(
                round(Mode.TRANSPORT, 10),
                round(Mode.DIRECT, 20),
                round(Mode.TRANSPORT, 30),
                round(Mode.TRANSPORT, 14));

        assertThat(report.median(CASE, Mode.TRANSPORT, Round::decodeTokensPerSecond))
                .isEqualTo(14);
        assertThat(report.typical(CASE, Mode.TRANSPORT).decodeTokensPerSecond()).isEqualTo(14);
    }

    @Test
    void shouldCompareRoundsOfTheSameWorkWhenTheMachineChangesBetweenRounds() {
        // Ratios 0.9, 0.8 and 1.0; the modes' medians alone would say 60 / 60.
        final EngineReport report = report(
                round(Mode.TRANSPORT, 45),
                round(Mode.DIRECT, 50),
                round(Mode.DIRECT, 100),
                round(Mode.TRANSPORT, 80),
                round(Mode.TRANSPORT, 60),
                round(Mode.DIRECT, 60));

        assertThat(report.ratio(CASE, Round::decodeTokensPerSecond)).contains(new PairedRatio(0.9, 0.8, 1.0, 3));
    }

    @Test
    void shouldHaveNoRatioWhereOneModeIsMissing() {
        assertThat(report(round(Mode.DIRECT, 20)).ratio(CASE, Round::decodeTokensPerSecond))
                .isEmpty();
    }

    @Test
    void shouldCountWhatAStepReadsAgainstWhatMemoryGives() {
        final Round round = round(Mode.DIRECT, 20);
        final MemoryBound bound = report(round).bound(round);

        // The interval: 4 steps in 2 s, units of 1,000 bytes and 40 bytes of KV in all; the router's 50 bytes a step.
        assertThat(bound.unitBytes()).isEqualTo(250);
        assertThat(bound.stepBytes()).isEqualTo(250 + 50 + 10);
        assertThat(bound.bytesPerSecond()).isEqualTo(620);
        assertThat(bound.share()).isEqualTo(0.62);
    }

    @Test
    void shouldTimePrefillByTheSlowestFirstToken() {
        assertThat(round(Mode.DIRECT, 20).prefillTokensPerSecond()).isEqualTo(2 * 100 / 4.0);
    }

    @Test
    void shouldPrintAllOfIt() {
        final EngineReport report = report(round(Mode.TRANSPORT, 15), round(Mode.DIRECT, 20));

        assertThat(EngineTable.write(report))
                .contains("75.0 % of the direct decode rate (median of 1 rounds, 75.0 to 75.0 %)")
                .contains("process 300 MiB");
        assertThat(EngineJson.write(report)).contains("\"transport_decode_ratio\" : 0.75");
    }

    private static EngineReport report(final Round... rounds) {
        return new EngineReport(
                Map.of("model", "m"),
                1000,
                List.of(rounds),
                50,
                new EngineReport.Footprint(100 << 20, 50 << 20, 10 << 20, Map.of("VmRSS", 300L << 20)));
    }

    private static Round round(final Mode mode, final long tokensPerSecond) {
        final Ledger ledger = new Ledger("t", 0);
        final List<Ledger.Page> pages = new ArrayList<>();
        ledger.publish(1);
        pages.add(ledger.page(1));
        ledger.charge(Activity.EXPERT_COMPUTE, 2_000_000_000L);
        ledger.add(Tally.STEPS, 4);
        ledger.add(Tally.UNIT_BYTES, 1000);
        ledger.add(Tally.KV_BYTES, 40);
        ledger.publish(2);
        pages.add(ledger.page(2));
        final Interval decode = Interval.between(pages.subList(0, 1), pages.subList(1, 2));
        return new Round(
                CASE,
                mode,
                List.of(),
                List.of(1_000_000_000L, 4_000_000_000L),
                tokensPerSecond,
                1_000_000_000L,
                decode,
                decode,
                Map.of(),
                64,
                2);
    }
}
