package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.core.ExperimentRefused;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.FaultTarget;
import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.runtime.CoordinatorConfig;

/** The simulation draws its clusters: finds a seed whose cluster is as a file asks, and whose network is sound. */
final class SeedChoice {
    private static final int SEEDS_TRIED = 200_000;
    private static final long LONG_DEADLINE_NS = 60_000 * World.MS;

    private SeedChoice() {}

    /**
     * The first one.
     *
     * @throws ExperimentRefused none of very many draws such a cluster
     */
    static long of(final Experiment experiment) {
        for (long seed = experiment.seed(); seed < experiment.seed() + SEEDS_TRIED; seed++) {
            if (isAsAsked(experiment, new RunParameters(seed, PlantedBug.NONE))) {
                return seed;
            }
        }
        throw new ExperimentRefused("none of " + SEEDS_TRIED + " seeds from " + experiment.seed()
                + " on draws a cluster of " + experiment.cluster().nodes() + " nodes, "
                + experiment.cluster().routers() + " routers and "
                + experiment.cluster().copies() + " copies in "
                + experiment.cluster().racks() + " racks");
    }

    private static boolean isAsAsked(final Experiment experiment, final RunParameters drawn) {
        final int copies = experiment.cluster().copies();
        return hasUnits(experiment, drawn)
                && drawn.shape.nodes == experiment.cluster().nodes()
                && (experiment.cluster().racks() == 0
                        || drawn.shape.racks.count() == experiment.cluster().racks())
                && drawn.shape.routers == experiment.cluster().routers()
                && drawn.config.getInt(CoordinatorConfig.REPLICAS) == copies
                && drawn.shape.unitsOfMemory
                        >= Math.ceilDiv(drawn.shape.layers * drawn.shape.experts * copies, drawn.shape.nodes) + 1
                && drawn.times.deadlineNs >= LONG_DEADLINE_NS
                && drawn.times.cancelRate == 0
                && !drawn.network.raw()
                && drawn.network.loss() == 0
                && drawn.network.corrupt() == 0
                && drawn.network.adminActionRate() == 0;
    }

    /** The units that the file names or counts are there. */
    private static boolean hasUnits(final Experiment experiment, final RunParameters drawn) {
        return experiment.faults().stream()
                .allMatch(fault -> fault.units() <= drawn.shape.layers * drawn.shape.experts
                        && !(fault.target() instanceof FaultTarget.HolderOf(final int layer, final int expert)
                                && (layer >= drawn.shape.layers || expert >= drawn.shape.experts)));
    }
}
