package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Units as nodes hold them that have read the right bytes, and a router's weights. */
public final class Held {
    /** What routers of one cluster read. */
    public static final String ROUTER = "0".repeat(63) + "a";

    private Held() {}

    /** What every node reads that has the right files. */
    public static HeldUnit unit(final ExpertKey key) {
        return new HeldUnit(key, String.format(Locale.ROOT, "%032x%032x", key.layer() + 1, key.expert() + 1));
    }

    /** What a node reads that has other files; each {@code variant} is another one. */
    public static HeldUnit other(final ExpertKey key, final int variant) {
        return new HeldUnit(key, String.format(Locale.ROOT, "f%031x%032x", variant, key.expert() + 1));
    }

    /** As {@link #unit}. */
    public static List<HeldUnit> units(final Collection<ExpertKey> keys) {
        return keys.stream().map(Held::unit).toList();
    }
}
