package io.cheshire.balance.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Decides whether units should move: predicts the next window's load from the windows it observed, has
 * {@link CheshireBalancer} place every layer, and keeps of that only what pays. A layer whose gain is too small stays
 * as it is; what gains most per byte goes first; a plan never needs more memory on the way than the nodes have
 * ({@link MoveRounds}). Repairs (units without a node, missing replicas) are not its business: it moves units that are
 * there.
 *
 * <p>Deterministic; not thread-safe; keeps what it learned, nothing else.
 */
public final class RebalancePlanner {
    private final int layers;
    private final int experts;
    private final RebalanceRules rules;
    private final List<LoadPredictor> predictors = new ArrayList<>();
    private final Balancer balancer = new CheshireBalancer();

    public RebalancePlanner(final int layers, final int experts, final RebalanceRules rules) {
        this.layers = layers;
        this.experts = experts;
        this.rules = rules;
        for (int layer = 0; layer < layers; layer++) {
            predictors.add(new LoadPredictor(experts, rules.halfLifeWindows(), rules.driftDistance()));
        }
    }

    /**
     * Judges the prediction by a window and learns from it.
     *
     * @return one verdict a layer; empty where the window had too few rows to say anything
     */
    public List<LoadPredictor.Verdict> observe(final LoadWindow window) {
        if (window.layers() != layers || window.experts() != experts) {
            throw new IllegalArgumentException("a window of " + window.layers() + " x " + window.experts()
                    + " units for a model of " + layers + " x " + experts);
        }
        if (window.totalRows() < rules.minRows()) {
            return List.of();
        }
        final List<LoadPredictor.Verdict> verdicts = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            final double[] rows = new double[experts];
            final double[] activations = new double[experts];
            for (int expert = 0; expert < experts; expert++) {
                rows[expert] = window.rows(layer, expert);
                activations[expert] = window.activations(layer, expert);
            }
            verdicts.add(predictors.get(layer).observe(rows, activations));
        }
        return verdicts;
    }

    /** Cost of every unit in a window, ns on a node of speed 1: what a placement is judged by. */
    public double[] costs(final LoadWindow window) {
        final double[] costs = new double[layers * experts];
        for (int unit = 0; unit < costs.length; unit++) {
            final int layer = unit / experts;
            final int expert = unit % experts;
            costs[unit] = rules.roofline().costNs(window.rows(layer, expert), window.activations(layer, expert));
        }
        return costs;
    }

    /**
     * Decides. No layer changes to where more units' copies share a failure domain than before.
     *
     * @param current ids of the nodes that hold each unit, by unit index: what is published
     * @param nodes   live nodes that may hold units, in the order of their ids
     */
    public RebalancePlan plan(final List<List<Integer>> current, final List<NodeCapacity> nodes) {
        final Assignment before = Assignment.of(experts, current, nodes);
        if (!predictors.getFirst().hasPrediction()) {
            return new RebalancePlan.Stay(
                    "no window with at least " + rules.minRows() + " rows was seen yet", List.of());
        }
        final double[] costs = predictedCosts();
        final List<Double> balancedness = NodeTimes.balancedness(before, nodes, costs);
        final long homeless = homeless(before);
        if (homeless > 0) {
            return new RebalancePlan.Stay(homeless + " units have no node: those come first", balancedness);
        }
        final Assignment best;
        try {
            best = balancer.balance(new BalanceProblem(costs, nodes, before, rules.replicas(), rules.pricePerUnit()));
        } catch (final IllegalArgumentException tooSmall) {
            return new RebalancePlan.Stay(String.valueOf(tooSmall.getMessage()), balancedness);
        }
        final List<LayerGain> gains = gains(before, best, nodes, costs);
        final List<LayerGain> chosen = choose(before, best, nodes, gains);
        if (chosen.isEmpty()) {
            return new RebalancePlan.Stay(whyNothing(gains), balancedness);
        }
        return move(before, merged(before, best, chosen), nodes, costs, chosen, balancedness);
    }

    /** What a layer would gain. {@code units}: units to load; {@code apart}: copies stay in different domains. */
    private record LayerGain(int layer, double nowNs, double savedNs, long units, boolean apart) {
        double part() {
            return nowNs == 0 ? 0 : savedNs / nowNs;
        }

        double perUnit() {
            return units == 0 ? Double.POSITIVE_INFINITY : savedNs / units;
        }
    }

    private double[] predictedCosts() {
        final double[] costs = new double[layers * experts];
        for (int unit = 0; unit < costs.length; unit++) {
            final LoadPredictor predictor = predictors.get(unit / experts);
            final int expert = unit % experts;
            costs[unit] = rules.roofline().costNs(predictor.rows(expert), predictor.activations(expert));
        }
        return costs;
    }

    private static long homeless(final Assignment placement) {
        long count = 0;
        for (final long mask : placement.toMasks()) {
            count += mask == 0 ? 1 : 0;
        }
        return count;
    }

    private List<LayerGain> gains(
            final Assignment before, final Assignment best, final List<NodeCapacity> nodes, final double[] costs) {
        final NodeDomains domains = NodeDomains.of(nodes);
        final List<LayerGain> gains = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            final double nowNs = NodeTimes.hottestNs(before, nodes, costs, layer);
            long units = 0;
            for (int expert = 0; expert < experts; expert++) {
                units += Long.bitCount(best.holders(layer, expert) & ~before.holders(layer, expert));
            }
            final boolean apart =
                    domains.shared(best, layer, rules.replicas()) <= domains.shared(before, layer, rules.replicas());
            final double savedNs = nowNs - NodeTimes.hottestNs(best, nodes, costs, layer);
            gains.add(new LayerGain(layer, nowNs, savedNs, units, apart));
        }
        gains.sort(Comparator.comparingDouble(LayerGain::perUnit)
                .reversed()
                .thenComparing(Comparator.comparingDouble(LayerGain::savedNs).reversed()));
        return gains;
    }

    /** Layers that pay, within the bound on units; the least paying are left out until the rest can be reached. */
    private List<LayerGain> choose(
            final Assignment before,
            final Assignment best,
            final List<NodeCapacity> nodes,
            final List<LayerGain> gains) {
        final List<LayerGain> chosen = new ArrayList<>();
        long units = 0;
        for (final LayerGain gain : gains) {
            final boolean pays = gain.savedNs() > 0 && gain.part() >= rules.minGain() && gain.apart();
            if (pays && units + gain.units() <= rules.maxUnitsLoaded()) {
                chosen.add(gain);
                units += gain.units();
            }
        }
        while (!chosen.isEmpty() && !MoveRounds.reachable(before, merged(before, best, chosen), nodes)) {
            chosen.removeLast();
        }
        return chosen;
    }

    private Assignment merged(final Assignment before, final Assignment best, final List<LayerGain> chosen) {
        final long[] masks = before.toMasks();
        for (final LayerGain gain : chosen) {
            System.arraycopy(best.toMasks(), gain.layer() * experts, masks, gain.layer() * experts, experts);
        }
        return new Assignment(layers, experts, masks);
    }

    private String whyNothing(final List<LayerGain> gains) {
        final LayerGain most =
                gains.stream().max(Comparator.comparingDouble(LayerGain::part)).orElseThrow();
        if (!(most.savedNs() > 0)) {
            return "no move saves time at this price";
        }
        if (most.part() < rules.minGain()) {
            return String.format(
                    Locale.ROOT,
                    "the most that a layer would gain is %.2f %% (layer %d), below the least gain of %.2f %%",
                    100 * most.part(),
                    most.layer(),
                    100 * rules.minGain());
        }
        return "what would pay needs more than " + rules.maxUnitsLoaded()
                + " units loaded at a time, or more memory on the way than the nodes have,"
                + " or puts copies into one failure domain";
    }

    private RebalancePlan.Move move(
            final Assignment before,
            final Assignment after,
            final List<NodeCapacity> nodes,
            final double[] costs,
            final List<LayerGain> chosen,
            final List<Double> balancedness) {
        double nowNs = 0;
        double savedNs = 0;
        for (int layer = 0; layer < layers; layer++) {
            final double layerNs = NodeTimes.hottestNs(before, nodes, costs, layer);
            nowNs += layerNs;
            savedNs += layerNs - NodeTimes.hottestNs(after, nodes, costs, layer);
        }
        final long units = after.unitsLoadedSince(before);
        final long bytes = Math.multiplyExact(units, rules.unitBytes());
        final double nsPerByte = bytes == 0 ? Double.POSITIVE_INFINITY : savedNs / bytes;
        final String reason = String.format(
                Locale.ROOT,
                "%d layers gain: %.2f %% of the predicted time for %d units loaded (%d bytes, %.3g ns a byte)",
                chosen.size(),
                100 * savedNs / nowNs,
                units,
                bytes,
                nsPerByte);
        return new RebalancePlan.Move(
                after.toNodesByUnit(nodes),
                chosen.stream().map(LayerGain::layer).sorted().toList(),
                savedNs / nowNs,
                savedNs,
                units,
                bytes,
                nsPerByte,
                reason,
                balancedness,
                NodeTimes.balancedness(after, nodes, costs));
    }
}
