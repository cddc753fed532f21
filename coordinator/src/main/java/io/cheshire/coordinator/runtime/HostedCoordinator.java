package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.CoordinatorGlance;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The coordinator, for the process in which it runs. Written by its actor, read by any thread. */
public final class HostedCoordinator {
    /** A coordinator looks about twice a second; one that hasn't for so long hangs. */
    private static final long SILENT_NS = Duration.ofSeconds(10).toNanos();

    private final LongSupplier nanoClock;
    private volatile @Nullable Seen last;

    private record Seen(CoordinatorGlance glance, long atNs) {}

    HostedCoordinator(final LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    void seen(final CoordinatorGlance glance) {
        last = new Seen(glance, nanoClock.getAsLong());
    }

    void ended() {
        last = null;
    }

    /** As it was last seen; null while it runs elsewhere or nowhere. */
    public @Nullable CoordinatorGlance glance() {
        final Seen seen = last;
        return seen == null ? null : seen.glance();
    }

    /**
     * Why this process doesn't do what a coordinator is there for, in words for people; null where it does, or another
     * process has the coordinator.
     */
    public @Nullable String notReady() {
        final Seen seen = last;
        if (seen == null) {
            return null;
        }
        final CoordinatorGlance glance = seen.glance();
        final long silentNs = nanoClock.getAsLong() - seen.atNs();
        if (silentNs > SILENT_NS) {
            return "the coordinator has not looked about for "
                    + Duration.ofNanos(silentNs).toSeconds() + " s";
        }
        if (!glance.failure().isEmpty()) {
            return glance.failure();
        }
        return glance.formed()
                ? null
                : "waits for expert nodes: " + glance.nodes() + " of " + glance.expectedNodes() + " are here";
    }
}
