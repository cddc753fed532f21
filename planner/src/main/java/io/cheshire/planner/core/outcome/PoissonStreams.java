package io.cheshire.planner.core.outcome;

import io.cheshire.planner.core.events.Chance;
import io.cheshire.planner.core.events.Chance.Purpose;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.SplittableRandom;

/** Requests of independent users, for sweeps and comparisons. The same seed has the same lengths at every rate. */
public final class PoissonStreams {
    private PoissonStreams() {}

    /** Lengths evenly between two. */
    public record Lengths(int least, int most) {
        int draw(final SplittableRandom random) {
            return least + random.nextInt(most - least + 1);
        }
    }

    /** So many requests at a rate. */
    public static RequestStream of(
            final double perSecond, final int count, final Lengths prompts, final Lengths outputs, final long seed) {
        final SplittableRandom arrivals = Chance.of(seed, Purpose.ARRIVALS, 0);
        final SplittableRandom lengths = Chance.of(seed, Purpose.LENGTHS, 0);
        final long[] at = new long[count];
        final int[] prompt = new int[count];
        final int[] output = new int[count];
        double nowNs = 0;
        for (int i = 0; i < count; i++) {
            nowNs += Chance.exponential(arrivals, 1e9 / perSecond);
            at[i] = Math.round(nowNs);
            prompt[i] = prompts.draw(lengths);
            output[i] = outputs.draw(lengths);
        }
        return new RequestStream(at, prompt, output);
    }
}
