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
 * @param gpu     what nodes compute on instead of the processor, or null
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
        @Nullable Gpu gpu,
        @Nullable String model,
        @Nullable String api,
        @Nullable String ops) {
    /** The same with the addresses of a running cluster. */
    public ExperimentCluster at(final @Nullable String otherApi, final @Nullable String otherOps) {
        return new ExperimentCluster(on, nodes, copies, routers, racks, gpu, model, otherApi, otherOps);
    }

    /** A GPU that nodes compute on. */
    public enum Gpu {
        /** One that goes wrong on request; it needs g++. */
        EMULATED
    }

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
