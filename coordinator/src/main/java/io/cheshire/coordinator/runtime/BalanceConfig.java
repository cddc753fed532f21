package io.cheshire.coordinator.runtime;

import io.cheshire.balance.core.RebalanceRules;
import io.cheshire.balance.core.Roofline;
import io.cheshire.settings.SettingReader;
import java.time.Duration;

/** The settings under {@code cheshire.coordinator.balance}; reasons are in {@code reference.conf}. */
record BalanceConfig(
        boolean automatic,
        Duration interval,
        double minGain,
        double nsPerByte,
        int maxUnits,
        int minRows,
        double halfLifeWindows,
        double driftDistance,
        double bytesPerSecond,
        double flopsPerSecond) {
    private static final double NS_PER_SECOND = 1e9;
    private static final double MOST = 1e18;

    static BalanceConfig from(final SettingReader reader) {
        return new BalanceConfig(
                reader.flag("automatic"),
                reader.duration("interval", Duration.ofMillis(100), Duration.ofDays(1)),
                reader.real("min-gain", 0, 0.99),
                reader.real("ns-per-byte", 0, 1e8),
                reader.number("max-units", 1, 1_000_000),
                reader.number("min-rows", 1, Integer.MAX_VALUE),
                reader.real("half-life-windows", 0.01, 1e6),
                reader.real("drift-distance", 0, 1),
                reader.real("bytes-per-second", 1, MOST),
                reader.real("flops-per-second", 1, MOST));
    }

    /**
     * What the planner goes by. A row of a bf16 unit takes two operations for each of its weights, so as many as it has
     * bytes.
     *
     * @param unitBytes bytes of one unit
     */
    RebalanceRules rules(final int replicas, final long unitBytes) {
        final Roofline roofline =
                new Roofline(unitBytes / bytesPerSecond * NS_PER_SECOND, unitBytes / flopsPerSecond * NS_PER_SECOND);
        return new RebalanceRules(
                replicas, minGain, nsPerByte, maxUnits, minRows, unitBytes, roofline, halfLifeWindows, driftDistance);
    }
}
