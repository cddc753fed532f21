package io.cheshire.model.runtime.cuda.nvml;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Why a GPU's clocks are lower than they could be; bits of {@code nvml.h}. That it is idle is no such reason. */
public enum ThrottleReason {
    /** Its power limit, by the driver. */
    POWER_CAP(0x4),
    /** Temperature or power brake, by the hardware: clocks halved or less. */
    HARDWARE(0x8),
    /** Kept at the clocks of the slowest of a group. */
    SYNC_BOOST(0x10),
    /** Its temperature, by the driver. */
    THERMAL(0x20),
    /** Its temperature, by the hardware. */
    HARDWARE_THERMAL(0x40),
    /** The power supply asks for it. */
    POWER_BRAKE(0x80);

    private final long bit;

    ThrottleReason(final long bit) {
        this.bit = bit;
    }

    /** As it is written in labels. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Set<ThrottleReason> of(final long bits) {
        final Set<ThrottleReason> reasons = EnumSet.noneOf(ThrottleReason.class);
        for (final ThrottleReason reason : values()) {
            if ((bits & reason.bit) != 0) {
                reasons.add(reason);
            }
        }
        return reasons;
    }
}
