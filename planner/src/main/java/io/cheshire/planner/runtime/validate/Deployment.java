package io.cheshire.planner.runtime.validate;

import io.cheshire.planner.protocol.run.CellPlan;
import java.util.Locale;

/**
 * What is measured: all in one process, or a local cluster.
 *
 * @param nodes       expert nodes
 * @param ofProcesses each a process, beside the router's and the coordinator's
 * @param cores       that all of it shares; 0: nothing it does takes any
 */
record Deployment(int nodes, boolean ofProcesses, int cores) {
    /** More processes than that on each core are measured, and not judged. */
    private static final int MOST_PROCESSES_OF_A_CORE = 4;

    int replicas() {
        return Math.min(2, nodes);
    }

    /** For simulations. */
    CellPlan.Hosts hosts() {
        return new CellPlan.Hosts(cores, ofProcesses ? CellPlan.Threads.DOZING : CellPlan.Threads.AWAKE);
    }

    /** Whether what is measured says more of the plan than of a host that has too few cores. */
    boolean isJudged() {
        return cores == 0 || !ofProcesses || nodes <= MOST_PROCESSES_OF_A_CORE * cores;
    }

    String words() {
        if (!ofProcesses) {
            return String.format(Locale.ROOT, "one process, %d nodes, R%d", nodes, replicas());
        }
        return cores == 0
                ? String.format(Locale.ROOT, "%d nodes, R%d", nodes, replicas())
                : String.format(Locale.ROOT, "%d node processes on %d cores, R%d", nodes, cores, replicas());
    }

    String key() {
        return ofProcesses ? nodes + "-processes" : "one-process-" + nodes;
    }
}
