package io.cheshire.coordinator.core.balance;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Divides every node's memory over the layers: evenly, and what is left to the layers with the most work. */
final class LayerSlots {
    private LayerSlots() {}

    /**
     * Slots per layer and node.
     *
     * @throws IllegalArgumentException when some layer's slots can't hold each of its units once
     */
    static int[][] divide(final BalanceProblem problem) {
        final int layers = problem.layers();
        final int nodes = problem.nodes().size();
        final int[][] slots = new int[layers][nodes];
        final int[] busiestFirst = busiestFirst(problem);
        int next = 0;
        for (int n = 0; n < nodes; n++) {
            final int capacity = problem.nodes().get(n).unitCapacity();
            int left = capacity % layers;
            for (int layer = 0; layer < layers; layer++) {
                slots[layer][n] = capacity / layers;
                // A slot beyond the even share stays with the layer that uses it: else an answer would not fit its
                // successor.
                if (left > 0 && held(problem, layer, n) > slots[layer][n]) {
                    slots[layer][n]++;
                    left--;
                }
            }
            // The rest goes on where the last node stopped, so that no layer is left out when many nodes have little.
            for (int tried = 0; left > 0 && tried < layers; tried++) {
                final int layer = busiestFirst[next];
                next = (next + 1) % layers;
                if (slots[layer][n] == capacity / layers) {
                    slots[layer][n]++;
                    left--;
                }
            }
        }
        check(problem, slots);
        return slots;
    }

    private static int held(final BalanceProblem problem, final int layer, final int node) {
        int count = 0;
        for (int expert = 0; expert < problem.experts(); expert++) {
            count += (int) (problem.current().holders(layer, expert) >>> node & 1);
        }
        return count;
    }

    private static void check(final BalanceProblem problem, final int[][] slots) {
        for (int layer = 0; layer < slots.length; layer++) {
            final int usable = IntStream.of(slots[layer])
                    .map(count -> Math.min(count, problem.experts()))
                    .sum();
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

    private static int[] busiestFirst(final BalanceProblem problem) {
        final double[] work = new double[problem.layers()];
        for (int layer = 0; layer < work.length; layer++) {
            for (int expert = 0; expert < problem.experts(); expert++) {
                work[layer] += problem.cost(layer, expert);
            }
        }
        return IntStream.range(0, work.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer layer) -> -work[layer]))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
