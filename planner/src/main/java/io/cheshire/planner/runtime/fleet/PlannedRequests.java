package io.cheshire.planner.runtime.fleet;

import io.cheshire.benchmarks.serve.core.GapLaw;
import io.cheshire.planner.core.events.Chance;
import io.cheshire.planner.core.events.Chance.Purpose;
import io.cheshire.planner.protocol.plan.LengthMix;
import io.cheshire.planner.protocol.plan.PlannedLoad;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.List;
import java.util.SplittableRandom;

/** Requests as a plan's load describes them, for a simulation. The same seed has the same lengths at every rate. */
final class PlannedRequests {
    private PlannedRequests() {}

    static RequestStream of(final PlannedLoad load, final double perSecond, final int count, final long seed) {
        final SplittableRandom arrivals = Chance.of(seed, Purpose.ARRIVALS, 0);
        final SplittableRandom lengths = Chance.of(seed, Purpose.LENGTHS, 0);
        final GapLaw.Kind kind = load.gapCv() < GapLaw.LEAST_CV
                ? GapLaw.Kind.CONSTANT
                : load.gapCv() == 1 ? GapLaw.Kind.POISSON : GapLaw.Kind.GAMMA;
        final GapLaw law = GapLaw.of(kind, perSecond, Math.min(GapLaw.MOST_CV, load.gapCv()));
        final long[] at = new long[count];
        final int[] prompts = new int[count];
        final int[] outputs = new int[count];
        double nowNs = 0;
        for (int i = 0; i < count; i++) {
            nowNs += 1e9 * law.seconds(arrivals.nextDouble());
            final LengthMix.Stratum stratum = draw(load.lengths().strata(), lengths.nextDouble());
            at[i] = Math.round(nowNs);
            prompts[i] = (int) Math.max(1, Math.round(stratum.promptTokens() * (1 - load.prefixShare())));
            outputs[i] = (int) Math.max(1, Math.round(stratum.outputTokens()));
        }
        return new RequestStream(at, prompts, outputs);
    }

    private static LengthMix.Stratum draw(final List<LengthMix.Stratum> strata, final double place) {
        double sum = 0;
        for (final LengthMix.Stratum stratum : strata) {
            sum += stratum.weight();
            if (place < sum) {
                return stratum;
            }
        }
        return strata.getLast();
    }
}
