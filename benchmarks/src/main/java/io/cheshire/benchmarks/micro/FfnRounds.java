package io.cheshire.benchmarks.micro;

import io.cheshire.benchmarks.engine.runtime.MemoryBandwidth;
import io.cheshire.benchmarks.sizes.Sizes;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The expert FFN against its two limits: memory where rows are few, oneDNN alone where they are many. Ours and oneDNN
 * take turns, call by call, and the ratio is taken of neighbours: on a shared machine rates change by half within
 * seconds, so that figures of two separate measurements (as JMH would make them) say more about the machine than about
 * either. Memory is read right before each row count's rounds; its figure is the best of many passes, so it is held
 * against our best call.
 */
final class FfnRounds {
    private static final double GIGA = 1e9;
    private static final double NS_PER_US = 1e3;
    private static final int PERCENT = 100;
    private static final int MATRICES = 3;

    private final int hidden;
    private final int ffn;
    private final List<Integer> rowCounts;
    private final int warmUpRounds;
    private final int rounds;

    /** As in Phi-3.5-MoE. */
    static FfnRounds full() {
        return new FfnRounds(Sizes.HIDDEN, Sizes.FFN, List.of(1, 2, 4, 16, 64, 256), 5, 30);
    }

    /** Whether it runs at all. */
    static FfnRounds quick() {
        return new FfnRounds(128, 64, List.of(1, 4), 0, 1);
    }

    private FfnRounds(
            final int hidden, final int ffn, final List<Integer> rowCounts, final int warmUpRounds, final int rounds) {
        this.hidden = hidden;
        this.ffn = ffn;
        this.rowCounts = rowCounts;
        this.warmUpRounds = warmUpRounds;
        this.rounds = rounds;
    }

    void print(final PrintStream out) throws InterruptedException {
        out.printf(Locale.ROOT, "%nexpert FFN in bf16, hidden %d, ffn %d; %d rounds, in turn%n", hidden, ffn, rounds);
        out.printf(
                "%6s %12s %12s %22s %12s %10s %12s%n",
                "rows", "ours µs", "oneDNN µs", "of oneDNN p10/50/90", "memory GB/s", "of memory", "GFLOP/s");
        for (final int rows : rowCounts) {
            final double bandwidth =
                    MemoryBandwidth.measure(Runtime.getRuntime().availableProcessors());
            try (FfnSubject subject = new FfnSubject(rows, hidden, ffn)) {
                print(out, rows, bandwidth, subject);
            }
        }
        out.flush();
    }

    private void print(final PrintStream out, final int rows, final double bandwidth, final FfnSubject subject) {
        final double[] ours = new double[rounds];
        final double[] bare = new double[rounds];
        final double[] ofBare = new double[rounds];
        for (int round = -warmUpRounds; round < rounds; round++) {
            final long beganNs = System.nanoTime();
            subject.runOurs();
            final long betweenNs = System.nanoTime();
            subject.runBare();
            final long endedNs = System.nanoTime();
            if (round >= 0) {
                ours[round] = betweenNs - beganNs;
                bare[round] = endedNs - betweenNs;
                ofBare[round] = PERCENT * bare[round] / ours[round];
            }
        }
        for (final double[] values : List.of(ours, bare, ofBare)) {
            Arrays.sort(values);
        }
        final double weights = (double) MATRICES * hidden * ffn;
        out.printf(
                Locale.ROOT,
                "%6d %12.1f %12.1f %10.0f /%4.0f /%4.0f %% %12.1f %8.0f %% %12.1f%n",
                rows,
                at(ours, 0.5) / NS_PER_US,
                at(bare, 0.5) / NS_PER_US,
                at(ofBare, 0.1),
                at(ofBare, 0.5),
                at(ofBare, 0.9),
                bandwidth / GIGA,
                PERCENT * weights * Short.BYTES * GIGA / ours[0] / bandwidth,
                2 * rows * weights / at(ours, 0.5));
    }

    private static double at(final double[] sorted, final double share) {
        return sorted[(int) (share * (sorted.length - 1))];
    }
}
