package io.cheshire.router.core.exchange;

import io.cheshire.settings.SettingReader;

/**
 * How the exchange treats nodes that refuse, are late, or are slow.
 *
 * @param retry what was refused
 * @param hedge what is late
 * @param gray  nodes that are slow
 */
public record FailoverPolicy(RetryPolicy retry, HedgePolicy hedge, GrayPolicy gray) {
    /** Reads it from the engine's section. */
    public static FailoverPolicy from(final SettingReader engine) {
        return new FailoverPolicy(
                RetryPolicy.from(engine.section("retry")),
                HedgePolicy.from(engine.section("hedge")),
                GrayPolicy.from(engine.section("slow-node")));
    }
}
