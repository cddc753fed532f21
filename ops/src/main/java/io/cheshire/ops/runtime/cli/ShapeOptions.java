package io.cheshire.ops.runtime.cli;

import io.cheshire.ops.core.ClusterPlan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of {@code local-cluster} that say how its processes stand to each other. */
final class ShapeOptions {
    @Option(
            names = "--racks",
            paramLabel = "COUNT",
            description = "Failure domains: node i is in rack i mod COUNT, and copies of a unit are kept in different"
                    + " racks. Default: each node is one of its own.")
    private @Nullable Integer racks;

    @Option(
            names = "--coordinators",
            paramLabel = "1|2",
            defaultValue = "1",
            description = "Coordinators; a second one takes over when the first is lost. Default: ${DEFAULT-VALUE}.")
    private int coordinators = 1;

    /** @throws IllegalArgumentException names the flag that makes no sense */
    void check() {
        if (racks != null && racks < 1) {
            throw new IllegalArgumentException("--racks is " + racks + "; there must be at least 1");
        }
        if (coordinators != 1 && coordinators != 2) {
            throw new IllegalArgumentException("--coordinators is " + coordinators + "; it must be 1 or 2");
        }
    }

    /** The plan in this shape. */
    ClusterPlan of(final ClusterPlan plan) {
        final ClusterPlan placed = racks == null ? plan : plan.inRacks(racks);
        return coordinators == 2 ? placed.withStandby() : placed;
    }
}
