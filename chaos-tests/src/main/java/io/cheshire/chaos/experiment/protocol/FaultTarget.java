package io.cheshire.chaos.experiment.protocol;

import java.util.List;

/** To whom something is done. */
public sealed interface FaultTarget {
    /** Expert nodes by their numbers: {@code node: 3} or {@code nodes: [1, 2]}. */
    record Nodes(List<Integer> nodes) implements FaultTarget {
        public Nodes {
            nodes = List.copyOf(nodes);
        }
    }

    /** So many expert nodes, drawn from the seed: {@code random: 1}. */
    record RandomNodes(int random) implements FaultTarget {}

    /** All expert nodes of a failure domain, by its name: {@code rack: rack-0}. */
    record Rack(String rack) implements FaultTarget {}

    /** A process by what it does: {@code role: coordinator} or {@code role: router}. */
    record Role(ProcessRole role) implements FaultTarget {}

    /** The first node that holds a unit when the experiment begins: {@code holder-of: {layer: 0, expert: 3}}. */
    record HolderOf(int layer, int expert) implements FaultTarget {}

    /** Nobody: the verb says it. */
    record Nobody() implements FaultTarget {}

    /** Roles other than that of an expert node. */
    enum ProcessRole {
        COORDINATOR,
        ROUTER
    }
}
