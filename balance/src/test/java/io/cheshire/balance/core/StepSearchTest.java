package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The step found without doing any, held against doing every one. */
class StepSearchTest {
    private static final int SEEDS = 1500;
    private static final double NEAR = 1e-8;

    private LayerState start = new LayerState(0, 0);
    private double price;
    private int hot;
    private double bestValue;
    private double leastSquares;

    @ParameterizedTest
    @CsvSource({"false,0", "true,0", "false,0.1", "true,0.1"})
    void shouldFindTheBestOfAllSteps(final boolean unequalSpeeds, final double perUnit) {
        int taken = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            start = placed(new Random(seed), unequalSpeeds);
            price = perUnit;
            tryAll();
            final LayerState found = copy();
            if (new StepSearch().step(found, price)) {
                taken++;
            }
            found.recompute();
            assertThat(value(found))
                    .as("seed %d: hottest node and price", seed)
                    .isLessThanOrEqualTo(bestValue * (1 + NEAR));
            assertThat(squares(found))
                    .as("seed %d: squares of the loads", seed)
                    .isLessThanOrEqualTo(leastSquares + NEAR * bestValue * bestValue);
        }
        assertThat(taken).as("layers where a step paid").isBetween(SEEDS / 4, SEEDS);
    }

    /** Does every step from the hottest node on a copy, and notes the best. */
    private void tryAll() {
        hot = start.hottestNode();
        bestValue = value(start);
        leastSquares = squares(start);
        for (int unit = 0; unit < start.units; unit++) {
            if (!start.holds(hot, unit)) {
                continue;
            }
            if (start.replicas(unit) > start.required) {
                final LayerState dropped = copy();
                dropped.remove(hot, unit);
                note(dropped);
            }
            for (int to = 0; to < start.nodes; to++) {
                if (!start.holds(to, unit) && start.slots[to] > 0) {
                    tryTo(unit, to);
                }
            }
        }
    }

    private void tryTo(final int unit, final int to) {
        final LayerState added = copy();
        added.add(to, unit);
        final LayerState moved = copy();
        moved.add(to, unit);
        moved.remove(hot, unit);
        if (start.hasRoom(to)) {
            note(added);
            note(moved);
            return;
        }
        for (int out = 0; out < start.units; out++) {
            if (start.holds(to, out) && !start.holds(hot, out)) {
                final LayerState swapped = copy();
                swapped.copyPlacement(moved);
                swapped.add(hot, out);
                swapped.remove(to, out);
                note(swapped);
            }
            if (start.holds(to, out) && start.replicas(out) > start.required) {
                final LayerState replaced = copy();
                replaced.copyPlacement(added);
                replaced.remove(to, out);
                note(replaced);
            }
        }
    }

    private void note(final LayerState after) {
        after.recompute();
        final double value = value(after);
        if (value < bestValue * (1 - NEAR)) {
            bestValue = value;
            leastSquares = squares(after);
        } else if (value <= bestValue * (1 + 1e-12)) {
            leastSquares = Math.min(leastSquares, squares(after));
        }
    }

    private double value(final LayerState state) {
        return state.hottest() + price * state.moves();
    }

    private static double squares(final LayerState state) {
        double sum = 0;
        for (final double load : state.load) {
            sum += load * load;
        }
        return sum;
    }

    private LayerState copy() {
        final LayerState copy = new LayerState(start.units, start.nodes);
        copy.copyProblem(start);
        copy.copyPlacement(start);
        return copy;
    }

    /** A layer with its units on random nodes, of which some are full. */
    private static LayerState placed(final Random random, final boolean unequalSpeeds) {
        final int nodes = 2 + random.nextInt(7);
        final LayerState state = new LayerState(1 + random.nextInt(10), nodes);
        state.slowest = Double.POSITIVE_INFINITY;
        for (int n = 0; n < nodes; n++) {
            state.speed[n] = unequalSpeeds ? 0.5 + random.nextDouble() : 1;
            state.slowest = Math.min(state.slowest, state.speed[n]);
            state.fastest = Math.max(state.fastest, state.speed[n]);
        }
        state.required = 1 + random.nextInt(Math.min(nodes, 2));
        for (int u = 0; u < state.units; u++) {
            state.cost[u] = Math.exp(random.nextGaussian());
            final int replicas = state.required + random.nextInt(nodes - state.required + 1);
            while (state.replicas(u) < replicas) {
                final int node = random.nextInt(nodes);
                if (!state.holds(node, u)) {
                    state.add(node, u);
                }
            }
        }
        for (int n = 0; n < nodes; n++) {
            state.slots[n] = state.used[n] + random.nextInt(2);
        }
        // What was held before differs a little, so that steps also take loads back.
        final LayerState shifted = new LayerState(state.units, nodes);
        shifted.copyProblem(state);
        for (int u = 0; u < state.units; u++) {
            shifted.before[u] = random.nextInt(3) == 0 ? random.nextLong(1L << nodes) : state.holders[u];
        }
        for (int u = 0; u < state.units; u++) {
            shifted.place(state.holders[u], u);
        }
        return shifted;
    }
}
