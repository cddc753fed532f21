package io.cheshire.balance.core;

import java.util.Arrays;

/**
 * DeepSeek's expert-parallel load balancer, step by step as published (github.com/deepseek-ai/EPLB, README "Interface
 * and Example"; DeepSeek-V3 technical report §3.4). The arithmetic is fp32 there and here, since ties are decided by
 * it.
 */
public final class Eplb {
    private Eplb() {}

    /**
     * Physical-to-logical map per layer, {@code [layers][replicas]}: slot s lies on GPU {@code s / (replicas / gpus)}.
     * Hierarchical where the groups divide over the nodes, else global.
     *
     * @param weights  load per layer and logical expert
     * @param replicas physical experts per layer, a multiple of {@code gpus}
     * @param groups   expert groups of group-limited routing; 1 for none
     * @param nodes    hosts
     * @param gpus     devices, a multiple of {@code nodes}
     */
    public static int[][] rebalance(
            final float[][] weights, final int replicas, final int groups, final int nodes, final int gpus) {
        final boolean hierarchical = groups % nodes == 0;
        final int[][] map = new int[weights.length][];
        for (int layer = 0; layer < weights.length; layer++) {
            map[layer] = hierarchical
                    ? layer(weights[layer], replicas, groups, nodes, gpus)
                    : layer(weights[layer], replicas, 1, 1, gpus);
        }
        return map;
    }

    private static int[] layer(
            final float[] weight, final int replicas, final int groups, final int nodes, final int gpus) {
        final int experts = weight.length;
        if (experts % groups != 0 || replicas % gpus != 0 || gpus % nodes != 0 || replicas < experts) {
            throw new IllegalArgumentException(
                    "EPLB needs experts % groups = 0, replicas % gpus = 0, gpus % nodes = 0 and"
                            + " replicas >= experts: " + experts + " experts, " + groups + " groups, " + replicas
                            + " replicas, "
                            + gpus + " gpus, " + nodes + " nodes");
        }
        final int[] nodeOrder = groupsToNodes(weight, groups, nodes);
        final int perNode = experts / nodes;
        final int slotsPerNode = replicas / nodes;
        final int[] result = new int[replicas];
        for (int node = 0; node < nodes; node++) {
            final float[] local = new float[perNode];
            for (int i = 0; i < perNode; i++) {
                local[i] = weight[nodeOrder[node * perNode + i]];
            }
            final int[] slots = replicasToGpus(local, slotsPerNode, gpus / nodes);
            for (int s = 0; s < slotsPerNode; s++) {
                result[node * slotsPerNode + s] = nodeOrder[node * perNode + slots[s]];
            }
        }
        return result;
    }

    /** Step 1: groups packed to nodes. Returns the logical experts in the order of the nodes that got them. */
    private static int[] groupsToNodes(final float[] weight, final int groups, final int nodes) {
        final int groupSize = weight.length / groups;
        final float[] tokens = new float[groups];
        for (int i = 0; i < weight.length; i++) {
            tokens[i / groupSize] += weight[i];
        }
        final int[] place = pack(tokens, nodes);
        final int[] order = new int[weight.length];
        for (int i = 0; i < weight.length; i++) {
            order[place[i / groupSize] * groupSize + i % groupSize] = i;
        }
        return order;
    }

    /** Steps 2 and 3: the most loaded expert is copied again and again, then the copies are packed to GPUs. */
    private static int[] replicasToGpus(final float[] weight, final int slots, final int gpus) {
        final int[] logical = new int[slots];
        final int[] count = new int[weight.length];
        Arrays.fill(count, 1);
        for (int s = 0; s < slots; s++) {
            logical[s] = s < weight.length ? s : mostLoaded(weight, count);
            if (s >= weight.length) {
                count[logical[s]]++;
            }
        }
        final float[] load = new float[slots];
        for (int s = 0; s < slots; s++) {
            load[s] = weight[logical[s]] / count[logical[s]];
        }
        final int[] place = pack(load, gpus);
        final int[] packed = new int[slots];
        for (int s = 0; s < slots; s++) {
            packed[place[s]] = logical[s];
        }
        return packed;
    }

    private static int mostLoaded(final float[] weight, final int[] count) {
        int most = 0;
        for (int i = 1; i < weight.length; i++) {
            if (weight[i] / count[i] > weight[most] / count[most]) {
                most = i;
            }
        }
        return most;
    }

    /**
     * "Balanced packing": heaviest first to the lightest pack with room. Returns for each item pack * size + rank in
     * it.
     */
    private static int[] pack(final float[] weight, final int packs) {
        final int size = weight.length / packs;
        final int[] place = new int[weight.length];
        if (size == 1) {
            Arrays.setAll(place, i -> i);
            return place;
        }
        final float[] load = new float[packs];
        final int[] items = new int[packs];
        for (final int item : heaviestFirst(weight)) {
            int lightest = -1;
            for (int p = 0; p < packs; p++) {
                if (items[p] < size && (lightest < 0 || load[p] < load[lightest])) {
                    lightest = p;
                }
            }
            place[item] = lightest * size + items[lightest]++;
            load[lightest] += weight[item];
        }
        return place;
    }

    private static int[] heaviestFirst(final float[] weight) {
        final Integer[] order = new Integer[weight.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Float.compare(weight[b], weight[a]));
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }
}
