package io.cheshire.planner.runtime.validate;

import io.cheshire.benchmarks.serve.core.Arrivals;
import io.cheshire.benchmarks.serve.core.GapLaw;
import io.cheshire.planner.core.events.Chance;
import io.cheshire.planner.core.events.Chance.Purpose;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Bursts: Gamma gaps.
 *
 * @param cv     coefficient of variation of the gaps
 * @param prompt tokens, half to one and a half times as many
 * @param output tokens, likewise
 */
record BurstWorkload(double cv, int prompt, int output) implements LiveWorkload {
    @Override
    public RequestStream requests(final double perSecond, final int count, final long seed) {
        final Arrivals gaps = new Arrivals.Renewal(GapLaw.of(GapLaw.Kind.GAMMA, perSecond, cv));
        final SplittableRandom lengths = Chance.of(seed, Purpose.LENGTHS, 0);
        final long[] at = new long[count];
        final int[] prompts = new int[count];
        final int[] outputs = new int[count];
        long nowNs = 0;
        for (int i = 0; i < count; i++) {
            nowNs = gaps.arrivalNs(i, nowNs, seed);
            at[i] = nowNs;
            prompts[i] = drawn(prompt, lengths);
            outputs[i] = drawn(output, lengths);
        }
        return LiveWorkload.stretched(new RequestStream(at, prompts, outputs), perSecond);
    }

    private static int drawn(final int mean, final SplittableRandom random) {
        return random.nextInt(Math.max(1, mean / 2), Math.max(1, mean * 3 / 2) + 1);
    }

    @Override
    public String words() {
        return String.format(Locale.ROOT, "bursts (Gamma gaps, cv %.0f), %d in, %d out", cv, prompt, output);
    }

    @Override
    public String key() {
        return "bursts";
    }
}
