package io.cheshire.planner.core.screen;

import io.cheshire.planner.protocol.plan.ExpertChoices;
import java.util.SplittableRandom;

/** Draws how many rows of a step each expert of a layer gets: every token names two. Used by one thread. */
final class RowDraw {
    /** Up to so many tokens are drawn one by one; of more, each expert's rows by the normal law. */
    private static final int ONE_BY_ONE = 96;

    private final ExpertChoices choices;
    private final int[] rows;
    private final double[] shares;

    RowDraw(final ExpertChoices choices) {
        this.choices = choices;
        this.rows = new int[choices.experts()];
        this.shares = new double[choices.experts()];
    }

    /** Rows by expert, valid until the next call. */
    int[] rows(final int layer, final int tokens, final SplittableRandom random) {
        final int experts = choices.experts();
        final var window =
                choices.windows().get(random.nextInt(choices.windows().size()));
        for (int e = 0; e < experts; e++) {
            shares[e] = window.get(layer * experts + e);
            rows[e] = 0;
        }
        if (tokens <= ONE_BY_ONE) {
            for (int i = 0; i < tokens; i++) {
                final int first = drawn(random.nextDouble(), -1);
                rows[first]++;
                rows[drawn(random.nextDouble() * (1 - shares[first]), first)]++;
            }
        } else {
            for (int e = 0; e < experts; e++) {
                final double share = Math.min(1, 2 * shares[e]);
                final double spread = Math.sqrt(tokens * share * (1 - share));
                rows[e] = (int) Math.max(0, Math.round(tokens * share + spread * random.nextGaussian()));
            }
        }
        return rows;
    }

    /** The expert at a point of the line of shares, one left out; the last with a share where rounding ends beyond. */
    private int drawn(final double point, final int without) {
        double left = point;
        int last = without == 0 ? 1 : 0;
        for (int e = 0; e < shares.length; e++) {
            if (e != without && shares[e] > 0) {
                last = e;
                left -= shares[e];
                if (left < 0) {
                    return e;
                }
            }
        }
        return last;
    }
}
