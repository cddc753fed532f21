package io.cheshire.planner.core.screen;

import io.cheshire.planner.protocol.plan.PlannedLoad;

/**
 * What rate a router carries at so many running sequences a lane, and so, read backwards, how many run at a rate. With
 * b sequences a lane and answers of o tokens, b / o requests come with each step of the lane (Little's law), whatever
 * a step takes; so a step's rows follow from b alone, its time from the rows, the rate from both, and nothing needs
 * iterating. Immutable.
 */
final class LoadCurve {
    private static final int POINTS = 28;
    private static final double LEAST = 0.02;

    private final StepModel steps;
    private final PlannedLoad load;
    private final int lanes;
    private final ScreenLimits limits;
    private final double most;
    private final double[] running = new double[POINTS];
    private final double[] perSecond = new double[POINTS];
    private final Station limit;
    private final int best;

    /**
     * A state of all lanes.
     *
     * @param running      sequences a lane that decode
     * @param prefillShare part of the steps that have prefill rows
     * @param prefillRows  of a step that has some
     * @param stepNs       mean time of a step, with the request itself among those that run
     */
    record State(double running, double prefillShare, double prefillRows, double stepNs) {}

    /**
     * Of a router.
     *
     * @param kvSequences most sequences a lane that the KV cache holds
     */
    LoadCurve(
            final StepModel steps,
            final PlannedLoad load,
            final int lanes,
            final ScreenLimits limits,
            final double kvSequences) {
        this.steps = steps;
        this.load = load;
        this.lanes = lanes;
        this.limits = limits;
        final double rows = rowsBound();
        this.most = Math.min(Math.min(limits.sequencesPerLane(), kvSequences), rows);
        int highest = 0;
        for (int i = 0; i < POINTS; i++) {
            running[i] = LEAST * Math.pow(most / LEAST, (double) i / (POINTS - 1));
            perSecond[i] = perSecond(state(running[i]));
            highest = perSecond[i] > perSecond[highest] ? i : highest;
        }
        best = highest;
        limit = limit(kvSequences, rows);
    }

    /** Sequences at which every step is full of prefill. */
    private double rowsBound() {
        final double perSequence = 1 + load.computedPrompt() / load.lengths().meanOutput();
        return Math.max(LEAST * 2, limits.rowsPerStep() / perSequence);
    }

    private Station limit(final double kvSequences, final double rows) {
        final StepTime step = at(running[best]);
        if (best < POINTS - 1) {
            return step.bound();
        }
        if (most == kvSequences) {
            return Station.KV;
        }
        // More sequences would still carry more, if steps grow slower than their rows.
        final boolean rising = perSecond[best] > 1.02 * perSecond[best - 1];
        if (!rising) {
            return step.bound();
        }
        return most == rows ? Station.ROWS : Station.SEQUENCES;
    }

    /** The state with so many sequences a lane. */
    State state(final double sequences) {
        final double arriving = sequences / load.lengths().meanOutput();
        final double chunkRows = chunkRows(sequences);
        final double chunks = Math.max(1, load.computedPrompt() / chunkRows);
        final double share = Math.max(-Math.expm1(-arriving * chunks), arriving * load.computedPrompt() / chunkRows);
        final double clipped = Math.min(1, share);
        final double rows = clipped == 0 ? 0 : arriving * load.computedPrompt() / clipped;
        final double plain = steps.step(sequences + 1, 0).totalNs();
        final double mixed = steps.step(sequences + 1, rows).totalNs();
        return new State(sequences, clipped, rows, (1 - clipped) * plain + clipped * mixed);
    }

    /** Rows that a step has for prefill beside those who decode. */
    double chunkRows(final double sequences) {
        return Math.max(1, limits.rowsPerStep() - sequences);
    }

    /** A mean step of the state. */
    StepTime at(final double sequences) {
        final State state = state(sequences);
        return steps.step(sequences + 1, state.prefillShare() * state.prefillRows());
    }

    private double perSecond(final State state) {
        return 1e9 * state.running() * lanes / (load.lengths().meanOutput() * state.stepNs());
    }

    /** Most requests a second that a router carries. */
    double saturation() {
        return perSecond[best];
    }

    /** What keeps it from carrying more. */
    Station limit() {
        return limit;
    }

    /** The state at a rate; that of saturation where the rate is more than that. */
    State at(final double routerPerSecond, final boolean clip) {
        if (routerPerSecond >= saturation()) {
            if (!clip) {
                throw new IllegalArgumentException("no steady state at " + routerPerSecond + " requests a second");
            }
            return state(running[best]);
        }
        int i = 0;
        while (perSecond[i] < routerPerSecond) {
            i++;
        }
        if (i == 0) {
            return state(running[0] * routerPerSecond / perSecond[0]);
        }
        final double part = (routerPerSecond - perSecond[i - 1]) / (perSecond[i] - perSecond[i - 1]);
        return state(running[i - 1] + part * (running[i] - running[i - 1]));
    }

    PlannedLoad load() {
        return load;
    }
}
