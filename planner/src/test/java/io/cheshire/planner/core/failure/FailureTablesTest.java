package io.cheshire.planner.core.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.LUDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The figures that were computed by hand while this was designed, for 16 nodes and independent failures. */
final class FailureTablesTest {
    private static final double YEAR = Availability.SECONDS_PER_YEAR;
    private static final int NODES = 16;

    private static double lostSeconds(final long[] holders, final double mtbfHours, final double windowHours) {
        final double down = windowHours / (mtbfHours + windowHours);
        return YEAR * new DownStates(NODES, down, 0, 0).uncovered(new UnitCoverage(holders, NODES), new long[0]);
    }

    private static long[] masks(final String spread) {
        return switch (spread) {
            case "random" ->
                IntStream.range(0, NODES)
                        .boxed()
                        .flatMap(a -> IntStream.range(a + 1, NODES).mapToObj(b -> 1L << a | 1L << b))
                        .mapToLong(Long::longValue)
                        .toArray();
            case "ring" ->
                IntStream.range(0, NODES)
                        .mapToLong(a -> 1L << a | 1L << (a + 1) % NODES)
                        .toArray();
            case "pairs" ->
                IntStream.range(0, NODES / 2).mapToLong(a -> 3L << (2 * a)).toArray();
            case "single" -> IntStream.range(0, NODES).mapToLong(a -> 1L << a).toArray();
            default -> throw new IllegalArgumentException(spread);
        };
    }

    /** Seconds a year in which a unit has no live holder, two copies, nothing made again. */
    @ParameterizedTest
    @CsvSource({
        "random, 8090, 4, 920", "random, 8090, 24, 32208", "random, 50700, 24, 844",
        "ring, 8090, 4, 123", "ring, 8090, 24, 4401", "ring, 50700, 24, 113",
        "pairs, 8090, 4, 62", "pairs, 8090, 24, 2207", "pairs, 50700, 24, 57"
    })
    void shouldLoseAsManySecondsAsWereComputedForTwoCopies(
            final String spread, final double mtbfHours, final double repairHours, final double seconds) {
        // The table says three digits at most.
        assertThat(lostSeconds(masks(spread), mtbfHours, repairHours))
                .isCloseTo(seconds, within(0.006 * seconds + 0.5));
    }

    /** One copy: the time until a node's units are loaded elsewhere, for each of its failures. */
    @ParameterizedTest
    @CsvSource({"8090, 180, 3119", "50700, 180, 498", "8090, 20, 347", "50700, 20, 55", "8090, 0.7, 12"})
    void shouldLoseAsManySecondsAsWereComputedForOneCopy(
            final double mtbfHours, final double windowSeconds, final double seconds) {
        assertThat(lostSeconds(masks("single"), mtbfHours, windowSeconds / 3_600))
                .isCloseTo(seconds, within(0.006 * seconds + 0.5));
    }

    /** The oracle: the chain over all subsets of five nodes, its balance equations solved as they stand. */
    @Test
    void shouldAgreeWithTheSolvedChainOfAllSubsets() {
        final int nodes = 5;
        final double fails = 0.02;
        final double repaired = 0.3;
        final int states = 1 << nodes;
        final double[][] balance = new double[states][states];
        for (int from = 0; from < states; from++) {
            for (int node = 0; node < nodes; node++) {
                final int to = from ^ 1 << node;
                final double rate = (from >> node & 1) == 0 ? fails : repaired;
                balance[to][from] += rate;
                balance[from][from] -= rate;
            }
        }
        java.util.Arrays.fill(balance[0], 1);
        final double[] right = new double[states];
        right[0] = 1;
        final double[] share = new LUDecomposition(new Array2DRowRealMatrix(balance))
                .getSolver()
                .solve(new ArrayRealVector(right))
                .toArray();
        final long[] holders = {0b00011, 0b00110, 0b11100};
        final UnitCoverage coverage = new UnitCoverage(holders, nodes);
        double expected = 0;
        for (int state = 0; state < states; state++) {
            expected += coverage.isFatal(state) ? share[state] : 0;
        }

        final double found = new DownStates(nodes, fails / (fails + repaired), 0, 0).uncovered(coverage, new long[0]);

        assertThat(found).isCloseTo(expected, within(1e-10));
    }

    @Test
    void shouldCountARackAsDownWithAllItsNodes() {
        final long[] racks = {0b0011, 0b1100};
        final double down = 0.01;
        final UnitCoverage inOneRack = new UnitCoverage(new long[] {0b0011}, 4);
        final UnitCoverage apart = new UnitCoverage(new long[] {0b0101}, 4);

        assertThat(new DownStates(4, 0, 2, down).uncovered(inOneRack, racks)).isCloseTo(down, within(1e-12));
        assertThat(new DownStates(4, 0, 2, down).uncovered(apart, racks)).isCloseTo(down * down, within(1e-12));
    }

    @Test
    void shouldSayHowOftenASecondFailureFallsIntoTheWindowOfTheFirst() {
        // 16 nodes at RSC-1's rate, any pair fatal, copies made again within 20 s: once in 5,600 years.
        final double perYear = 8_760 / 8_090.0;
        final double each = 16 * perYear * 15 * perYear * 20 / YEAR;
        assertThat(1 / each).isCloseTo(5_600, within(50.0));
    }
}
