package io.cheshire.balance.core;

import java.util.stream.IntStream;

/**
 * Divides every node's memory over the layers: evenly, and what is left in turn, going on where the last node stopped.
 * So layers differ by one slot at most, and a division depends on the nodes alone: an answer fits the next window's
 * problem.
 */
final class LayerSlots {
    private LayerSlots() {}

    /**
     * Slots per layer and node, each at most the experts of a layer.
     *
     * @throws IllegalArgumentException when some layer's slots can't hold each of its units once
     */
    static int[][] divide(final BalanceProblem problem) {
        final int layers = problem.layers();
        final int nodes = problem.nodes().size();
        final int[][] slots = new int[layers][nodes];
        int next = 0;
        for (int n = 0; n < nodes; n++) {
            final int capacity = problem.nodes().get(n).unitCapacity();
            for (int layer = 0; layer < layers; layer++) {
                slots[layer][n] = Math.min(capacity / layers, problem.experts());
            }
            for (int left = capacity % layers; left > 0; left--) {
                slots[next][n] = Math.min(slots[next][n] + 1, problem.experts());
                next = (next + 1) % layers;
            }
        }
        check(problem, slots);
        return slots;
    }

    /** Replicas on distinct nodes that memory allows every unit of every layer, at most those wanted. */
    static int replicas(final BalanceProblem problem, final int[][] slots) {
        int replicas = Math.min(problem.minReplicas(), problem.nodes().size());
        for (final int[] layer : slots) {
            replicas = Math.min(replicas, IntStream.of(layer).sum() / problem.experts());
        }
        return replicas;
    }

    private static void check(final BalanceProblem problem, final int[][] slots) {
        for (int layer = 0; layer < slots.length; layer++) {
            final int usable = IntStream.of(slots[layer]).sum();
            if (usable < problem.experts()) {
                final long capacity = problem.nodes().stream()
                        .mapToLong(NodeCapacity::unitCapacity)
                        .sum();
                throw new IllegalArgumentException("the nodes' memory holds " + capacity + " units, " + usable
                        + " of layer " + layer + ", which has " + problem.experts() + " experts (the model has "
                        + (long) problem.layers() * problem.experts() + " units): add nodes or memory");
            }
        }
    }
}
