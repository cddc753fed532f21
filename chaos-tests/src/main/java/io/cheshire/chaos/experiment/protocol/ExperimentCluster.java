package io.cheshire.chaos.experiment.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The cluster that is hurt.
 *
 * @param on      what kind
 * @param nodes   expert nodes; 0: whatever runs there
 * @param copies  nodes that hold each unit
 * @param routers routers, each with its share of the streams
 * @param racks   failure domains that the nodes are spread over; 0: none
 * @param model   checkpoint, or null for cheshire-mini
 * @param api     address of a running cluster's API, or null
 * @param ops     address of its operations listener, or null
 */
public record ExperimentCluster(
        Kind on,
        int nodes,
        int copies,
        int routers,
        int racks,
        @Nullable String model,
        @Nullable String api,
        @Nullable String ops) {
    /** On what an experiment runs. */
    public enum Kind {
        /** Processes of this host that it starts and stops. */
        LOCAL,
        /** A cluster that runs already. */
        RUNNING,
        /** The product's code under virtual time. */
        SIMULATION
    }
}
