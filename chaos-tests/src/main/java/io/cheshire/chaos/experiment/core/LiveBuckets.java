package io.cheshire.chaos.experiment.core;

import com.fasterxml.jackson.databind.node.ArrayNode;

/** Tokens and longest gaps of a run as it goes on, by steps of half a second. One thread at a time. */
public final class LiveBuckets {
    /** Width of a step. */
    public static final int STEP_MS = 500;

    /** A quarter of an hour: what comes later is not kept. */
    static final int MOST = 1800;

    private final int[] tokens = new int[MOST];
    private final int[] gapMs = new int[MOST];
    private int length;

    /** A token came at a moment, so long after the one before it. */
    public void token(final long atMs, final long afterMs) {
        final int step = Math.toIntExact(Math.clamp(atMs / STEP_MS, 0, MOST));
        if (step == MOST) {
            return;
        }
        length = Math.max(length, step + 1);
        tokens[step]++;
        gapMs[step] = (int) Math.max(gapMs[step], Math.min(afterMs, Integer.MAX_VALUE));
    }

    /** Time has come to a moment: steps without a token are steps, too. */
    public void reach(final long atMs) {
        length = Math.max(length, Math.toIntExact(Math.clamp(atMs / STEP_MS, 0, MOST)));
    }

    /** What was kept, the last step being under way. */
    public void copyTo(final ArrayNode counts, final ArrayNode gaps) {
        for (int step = 0; step < length; step++) {
            counts.add(tokens[step]);
            gaps.add(gapMs[step]);
        }
    }
}
