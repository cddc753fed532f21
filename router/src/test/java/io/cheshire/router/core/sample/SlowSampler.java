package io.cheshire.router.core.sample;

import io.cheshire.router.core.SamplingParams;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the sampler must do, said plainly: sorts everything, boxes everything, uses the JDK's exp. */
final class SlowSampler {
    private record Candidate(int id, double logit, double weight) {}

    private SlowSampler() {}

    static int sample(
            final float[] raw,
            final SamplingParams params,
            final Set<Integer> masked,
            final List<Integer> prompt,
            final List<Integer> output) {
        final List<Candidate> ranked = new ArrayList<>();
        double high = Double.NEGATIVE_INFINITY;
        final double[] logits = new double[raw.length];
        for (int id = 0; id < raw.length; id++) {
            logits[id] = masked.contains(id) ? Double.NEGATIVE_INFINITY : adjusted(raw[id], id, params, prompt, output);
            high = Math.max(high, logits[id]);
        }
        if (high == Double.NEGATIVE_INFINITY) {
            return Sampler.NO_TOKEN;
        }
        for (int id = 0; id < raw.length; id++) {
            final double weight = params.temperature() == 0
                    ? (logits[id] == high ? 1 : 0)
                    : Math.exp((logits[id] - high) / params.temperature());
            if (weight > 0) {
                ranked.add(new Candidate(id, logits[id], weight));
            }
        }
        ranked.sort(Comparator.comparingDouble((Candidate c) -> -c.logit).thenComparingInt(c -> c.id));
        if (params.temperature() == 0) {
            return ranked.getFirst().id;
        }
        List<Candidate> kept = ranked;
        if (params.topK() > 0) {
            kept = kept.subList(0, Math.min(params.topK(), kept.size()));
        }
        kept = kept.stream().filter(c -> c.weight >= params.minP()).toList();
        kept = nucleus(kept, params.topP());
        final double mass = kept.stream().mapToDouble(Candidate::weight).sum();
        double target = CounterRng.uniform(params.seed(), output.size()) * mass;
        final List<Candidate> byId =
                kept.stream().sorted(Comparator.comparingInt(c -> c.id)).toList();
        for (final Candidate candidate : byId) {
            target -= candidate.weight;
            if (target < 0) {
                return candidate.id;
            }
        }
        return byId.getLast().id;
    }

    private static List<Candidate> nucleus(final List<Candidate> ranked, final double topP) {
        final double mass = ranked.stream().mapToDouble(Candidate::weight).sum();
        final List<Candidate> kept = new ArrayList<>();
        double sum = 0;
        for (final Candidate candidate : ranked) {
            if (topP < 1 && sum >= topP * mass) {
                break;
            }
            kept.add(candidate);
            sum += candidate.weight;
        }
        return kept;
    }

    private static double adjusted(
            final float raw,
            final int id,
            final SamplingParams params,
            final List<Integer> prompt,
            final List<Integer> output) {
        double logit = raw;
        final Set<Integer> seen = new HashSet<>(prompt);
        seen.addAll(output);
        if (seen.contains(id)) {
            logit = logit > 0 ? logit / params.repetitionPenalty() : logit * params.repetitionPenalty();
        }
        final long times = output.stream().filter(t -> t == id).count();
        if (times > 0) {
            logit -= params.presencePenalty() + times * params.frequencyPenalty();
        }
        final float penalised = (float) logit;
        final Double bias = params.logitBias().get(id);
        return bias == null ? penalised : penalised + (float) (double) bias;
    }
}
