package io.cheshire.http.runtime;

import io.cheshire.settings.SettingReader;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code cheshire.chaos}, experiments from the console; {@code reference.conf} explains each value.
 *
 * @param key who may run them, or null where nobody may
 */
public record ChaosConfig(@Nullable String key) {
    /** The section. */
    public static final String SECTION = "cheshire.chaos";

    /** Nobody may. */
    public static final ChaosConfig OFF = new ChaosConfig(null);

    /**
     * Reads it of a whole configuration.
     *
     * @param opsKey key of the listener, which may not be this one, too; null: there is none
     */
    static ChaosConfig from(final SettingReader root, final @Nullable String opsKey) {
        final SettingReader chaos = root.section(SECTION);
        final boolean enabled = chaos.flag("enabled");
        final String key = chaos.secret("key");
        if (!enabled) {
            return OFF;
        }
        chaos.requireOfSecret(
                !key.isEmpty(), "key", "must be set where " + SECTION + ".enabled is on: experiments have their own");
        if (key.isEmpty()) {
            return OFF;
        }
        try {
            ApiKeys.check("chaos", key);
        } catch (final IllegalArgumentException unusable) {
            chaos.requireOfSecret(false, "key", String.valueOf(unusable.getMessage()));
        }
        chaos.requireOfSecret(
                !key.equals(opsKey),
                "key",
                "must not be that of " + OpsConfig.SECTION + ": who may look need not be who may hurt");
        return new ChaosConfig(key);
    }
}
