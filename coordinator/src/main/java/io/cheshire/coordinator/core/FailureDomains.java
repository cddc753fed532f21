package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.NodeHello;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which nodes fail together. A node that names no failure domain, and one that isn't known, is a domain of its own.
 * Immutable.
 */
public final class FailureDomains {
    private final Map<Integer, String> nameByNode;

    private FailureDomains(final Map<Integer, String> nameByNode) {
        this.nameByNode = nameByNode;
    }

    /** As the nodes name them. */
    public static FailureDomains of(final Stream<NodeHello> nodes) {
        return new FailureDomains(nodes.filter(node -> !node.failureDomain().isEmpty())
                .collect(Collectors.toUnmodifiableMap(NodeHello::nodeId, NodeHello::failureDomain)));
    }

    /** The node's domain; one of its own has a name that no node may give. */
    public String of(final int nodeId) {
        final String name = nameByNode.get(nodeId);
        return name == null ? "node " + nodeId : name;
    }

    /** Whether two different nodes can be in one domain. */
    boolean anyNamed() {
        return !nameByNode.isEmpty();
    }

    /** How many of the nodes are in the domain of {@code nodeId}. */
    int countWith(final int nodeId, final Collection<Integer> nodes) {
        if (!anyNamed()) {
            return nodes.contains(nodeId) ? 1 : 0;
        }
        final String domain = of(nodeId);
        return (int) nodes.stream().filter(other -> of(other).equals(domain)).count();
    }

    /** Domains that the nodes are in. */
    int count(final Collection<Integer> nodes) {
        return anyNamed() ? (int) nodes.stream().map(this::of).distinct().count() : nodes.size();
    }

    /**
     * Whether copies on these nodes are in fewer domains than they ought to be: one each. Copies beyond the replicas
     * wanted are there for the load, and may be anywhere.
     */
    public boolean isShared(final List<Integer> nodes, final int replicas) {
        return count(nodes) < Math.min(nodes.size(), replicas);
    }
}
