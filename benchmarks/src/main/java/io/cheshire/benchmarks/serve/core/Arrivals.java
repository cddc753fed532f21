package io.cheshire.benchmarks.serve.core;

import java.util.List;

/** When the requests of a run arrive. */
public sealed interface Arrivals {
    /**
     * When request {@code index} should be sent.
     *
     * @param previousNs the time of the request before it; 0 for the first
     * @param seed       the run's seed
     * @return ns from the start of the run, never before {@code previousNs}
     */
    long arrivalNs(int index, long previousNs, long seed);

    /** Every client sends its next request when the last one ended, so the server sets the pace. */
    record ClosedLoop(int clients) implements Arrivals {
        @Override
        public long arrivalNs(final int index, final long previousNs, final long seed) {
            return 0;
        }
    }

    /** Evenly spaced. */
    record Constant(double perSecond) implements Arrivals {
        @Override
        public long arrivalNs(final int index, final long previousNs, final long seed) {
            return Math.round(index * (1e9 / perSecond));
        }
    }

    /** Independent users: gaps are exponential with mean {@code 1 / perSecond} (inverse transform). */
    record Poisson(double perSecond) implements Arrivals {
        private static final long GAPS = 0x67617073L;

        @Override
        public long arrivalNs(final int index, final long previousNs, final long seed) {
            final double gap = -Math.log1p(-Mix.unit(seed, GAPS, index)) / perSecond;
            return Math.addExact(previousNs, Math.round(gap * 1e9));
        }
    }

    /** GapLaw of any law: the inverse of its distribution function, at a number of the request's own. */
    record Renewal(GapLaw gaps) implements Arrivals {
        private static final long GAPS = 0x72656e65L;

        @Override
        public long arrivalNs(final int index, final long previousNs, final long seed) {
            return Math.addExact(previousNs, Math.round(gaps.seconds(Mix.unit(seed, GAPS, index)) * 1e9));
        }
    }

    /** The times of a trace, its clock running {@code speed} times as fast. */
    record Replay(List<TraceRow> rows, double speed) implements Arrivals {
        public Replay {
            rows = List.copyOf(rows);
        }

        @Override
        public long arrivalNs(final int index, final long previousNs, final long seed) {
            return Math.round(rows.get(index).arrivalNs() / speed);
        }
    }
}
