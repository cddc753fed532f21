package io.cheshire.router.core.sample;

import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.core.grammar.AllowedTokens;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Draws tokens from logits. The order of operations: penalties, bias, masks (ids without a token, stop ids before
 * {@code minTokens}, those of {@link TokenMasks}), then greedy; or temperature, top-k, min-p (against the best), top-p
 * (of the mass that is left), one draw. All three filters keep a prefix of one ranking (higher logit first, ties by
 * lower id), so each is a threshold found by selection; nothing is sorted. Log-probabilities come from the raw logits.
 *
 * <p>Called by one thread, the device's: {@link #load} a row, then {@link #sample} and {@link #scores} on it. Owns its
 * scratch, all of it allocated at construction; only {@link #scores} allocates. A row's outcome depends on that row,
 * the plan, the sequence's own tokens and the index: not on other rows.
 */
public final class Sampler {
    /** Answer of {@link #sample} when no token can be drawn: every one is masked, or overflowed. */
    public static final int NO_TOKEN = -1;

    private final int vocabSize;
    private final int[] invalidIds;
    private final BitSet invalid = new BitSet();
    private final float[] raw;
    private final float[] adjusted;
    private final double[] weights;
    private final long[] keys;
    private final int[] occurrences;
    private final boolean[] seen;
    private final TokenMasks masks = new TokenMasks();
    private double logNormaliser = Double.NaN;

    /** @param validIds ids that have a token; null when all have */
    public Sampler(final int vocabSize, final @Nullable BitSet validIds) {
        this.vocabSize = vocabSize;
        if (validIds != null) {
            invalid.set(0, vocabSize);
            invalid.andNot(validIds);
        }
        invalidIds = invalid.stream().toArray();
        raw = new float[vocabSize];
        adjusted = new float[vocabSize];
        weights = new double[vocabSize];
        keys = new long[vocabSize];
        occurrences = new int[vocabSize];
        seen = new boolean[vocabSize];
    }

    /**
     * Takes a row of {@code [rows, vocab]} fp32 logits; false if it holds NaN or infinity, and then the row must not be
     * sampled.
     */
    public boolean load(final MemorySegment logits, final int row) {
        final long offset = (long) row * vocabSize * Float.BYTES;
        MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, offset, raw, 0, vocabSize);
        logNormaliser = Double.NaN;
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < vocabSize; id++) { // min and max both pass NaN on
            low = Math.min(low, raw[id]);
            high = Math.max(high, raw[id]);
        }
        return low > Float.NEGATIVE_INFINITY && high < Float.POSITIVE_INFINITY;
    }

    /**
     * Draws from the loaded row.
     *
     * @param tokens       the sequence so far, prompt first
     * @param promptLength where the generated tokens begin
     * @param length       tokens in use
     * @return a token id, or {@link #NO_TOKEN}
     */
    public int sample(final SamplingPlan plan, final int[] tokens, final int promptLength, final int length) {
        return sample(plan, tokens, promptLength, length, null);
    }

    /** The same; {@code allowed}: what the sequence's grammar lets come next, or null without one. */
    public int sample(
            final SamplingPlan plan,
            final int[] tokens,
            final int promptLength,
            final int length,
            final @Nullable AllowedTokens allowed) {
        System.arraycopy(raw, 0, adjusted, 0, vocabSize);
        if (plan.penalises) {
            penalise(plan.params, tokens, promptLength, length);
        }
        for (int i = 0; i < plan.biasIds.length; i++) {
            adjusted[plan.biasIds[i]] += (float) plan.biases[i];
        }
        mask(invalidIds);
        final int index = length - promptLength;
        final boolean mustEnd = allowed != null && allowed.isDone();
        if (index < plan.minTokens && !mustEnd) {
            mask(plan.stopIds);
        }
        if (allowed != null || plan.allowed != null || plan.badWords.length > 0) {
            masks.apply(plan, allowed, tokens, length, adjusted);
        }
        final int best = argmax();
        if (best == NO_TOKEN || plan.params.temperature() == 0) {
            return best;
        }
        if (adjusted[best] == Float.POSITIVE_INFINITY) { // a penalty or bias beyond fp32: no probabilities to draw from
            return NO_TOKEN;
        }
        return draw(plan.params, adjusted[best], CounterRng.uniform(plan.params.seed(), index));
    }

    /** Scores of the loaded row from its raw logits: {@code log_softmax}, summed in double in the order of ids. */
    public TokenScores scores(final int tokenId, final int bestCount) {
        return scores(tokenId, bestCount, false, false);
    }

    /** The same, with the token's rank and the row's entropy if wanted. */
    public TokenScores scores(
            final int tokenId, final int bestCount, final boolean wantsRank, final boolean wantsEntropy) {
        normalise();
        final List<TokenScores.Candidate> best = new ArrayList<>(bestCount);
        final int[] bestIds = new int[Math.min(bestCount, vocabSize)];
        final int found = selectBest(bestIds);
        for (int i = 0; i < found; i++) {
            best.add(new TokenScores.Candidate(bestIds[i], logprob(bestIds[i])));
        }
        return new TokenScores(
                tokenId, logprob(tokenId), best, wantsRank ? rank(tokenId) : 0, wantsEntropy ? entropy() : Float.NaN);
    }

    /** The loaded row itself: what a head says that scores. */
    public float[] outputs() {
        return raw.clone();
    }

    /** The token's place in the order of {@link #selectBest}. */
    private int rank(final int tokenId) {
        final float own = raw[tokenId];
        int before = 0;
        for (int id = 0; id < vocabSize; id++) {
            final boolean isBefore = raw[id] > own || (raw[id] == own && id < tokenId);
            before += isBefore && !invalid.get(id) ? 1 : 0;
        }
        return before + 1;
    }

    /** In nats, summed in double in the order of ids: {@code -sum p ln p}. */
    private float entropy() {
        double sum = 0;
        for (int id = 0; id < vocabSize; id++) {
            final double logprob = raw[id] - logNormaliser;
            sum -= FixedExp.exp(Math.min(0, logprob)) * logprob;
        }
        return (float) Math.max(0, sum);
    }

    private void normalise() {
        if (!Double.isNaN(logNormaliser)) {
            return;
        }
        float high = raw[0];
        for (int id = 1; id < vocabSize; id++) {
            high = Math.max(high, raw[id]);
        }
        double sum = 0;
        for (int id = 0; id < vocabSize; id++) {
            sum += FixedExp.exp((double) raw[id] - high);
        }
        logNormaliser = high + StrictMath.log(sum);
    }

    private float logprob(final int tokenId) {
        return (float) (raw[tokenId] - logNormaliser);
    }

    /** Ids of the best raw logits, best first; those without a token don't count. Answers how many there are. */
    private int selectBest(final int[] bestIds) {
        int found = 0;
        for (int id = 0; id < vocabSize && bestIds.length > 0; id++) {
            final boolean better = found < bestIds.length || raw[id] > raw[bestIds[found - 1]];
            if (!better || invalid.get(id)) {
                continue;
            }
            int place = found < bestIds.length ? found++ : found - 1;
            while (place > 0 && raw[id] > raw[bestIds[place - 1]]) {
                bestIds[place] = bestIds[place - 1];
                place--;
            }
            bestIds[place] = id;
        }
        return found;
    }

    /** Each distinct token of the sequence is visited once; the counters are left as they were found, all zero. */
    private void penalise(final SamplingParams params, final int[] tokens, final int promptLength, final int length) {
        for (int i = promptLength; i < length; i++) {
            occurrences[tokens[i]]++;
        }
        for (int i = 0; i < length; i++) {
            final int id = tokens[i];
            if (seen[id]) {
                continue;
            }
            seen[id] = true;
            double logit = raw[id];
            logit = logit > 0 ? logit / params.repetitionPenalty() : logit * params.repetitionPenalty();
            if (occurrences[id] > 0) {
                logit -= params.presencePenalty() + params.frequencyPenalty() * occurrences[id];
            }
            adjusted[id] = (float) logit;
        }
        for (int i = 0; i < length; i++) {
            seen[tokens[i]] = false;
            occurrences[tokens[i]] = 0;
        }
    }

    private void mask(final int[] ids) {
        for (final int id : ids) {
            adjusted[id] = Float.NEGATIVE_INFINITY;
        }
    }

    /** The best id, the lowest of equals; {@link #NO_TOKEN} when all are masked. */
    private int argmax() {
        int best = NO_TOKEN;
        float high = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < vocabSize; id++) {
            if (adjusted[id] > high) {
                high = adjusted[id];
                best = id;
            }
        }
        return best;
    }

    private int draw(final SamplingParams params, final float high, final double uniform) {
        double mass = weigh(high, params.temperature(), lastOfTopK(params.topK()));
        if (params.minP() > 0) {
            mass = keepAtLeast(params.minP());
        }
        if (params.topP() < 1) {
            mass = keepThrough(RankKeys.reaching(keys, rankWeighted(), weights, params.topP() * mass));
        }
        return pick(uniform * mass);
    }

    /** The key at which top-k ends; found first, so that only k weights must be computed. */
    private long lastOfTopK(final int topK) {
        if (topK == 0 || topK >= vocabSize) {
            return Long.MAX_VALUE;
        }
        for (int id = 0; id < vocabSize; id++) {
            keys[id] = RankKeys.of(adjusted[id], id);
        }
        return RankKeys.kth(keys, vocabSize, topK);
    }

    /** Computes the weights of ids up to {@code lastKey}; answers their sum in the order of ids. */
    private double weigh(final float high, final double temperature, final long lastKey) {
        double mass = 0;
        for (int id = 0; id < vocabSize; id++) {
            final boolean kept = lastKey == Long.MAX_VALUE || RankKeys.of(adjusted[id], id) <= lastKey;
            weights[id] = kept ? FixedExp.exp(((double) adjusted[id] - high) / temperature) : 0;
            mass += weights[id];
        }
        return mass;
    }

    /** Fills {@code keys} with the ids that still have weight. */
    private int rankWeighted() {
        int count = 0;
        for (int id = 0; id < vocabSize; id++) {
            if (weights[id] > 0) {
                keys[count++] = RankKeys.of(adjusted[id], id);
            }
        }
        return count;
    }

    /** Drops what ranks behind {@code lastKey}; answers the mass left, summed in the order of ids. */
    private double keepThrough(final long lastKey) {
        double mass = 0;
        for (int id = 0; id < vocabSize; id++) {
            if (weights[id] > 0 && RankKeys.of(adjusted[id], id) > lastKey) {
                weights[id] = 0;
            }
            mass += weights[id];
        }
        return mass;
    }

    private double keepAtLeast(final double weight) {
        double mass = 0;
        for (int id = 0; id < vocabSize; id++) {
            if (weights[id] < weight) {
                weights[id] = 0;
            }
            mass += weights[id];
        }
        return mass;
    }

    /** The id at which the running sum, in the order of ids, passes {@code target}. */
    private int pick(final double target) {
        double sum = 0;
        int last = NO_TOKEN;
        for (int id = 0; id < vocabSize; id++) {
            if (weights[id] > 0) {
                sum += weights[id];
                last = id;
                if (sum > target) {
                    return id;
                }
            }
        }
        return last;
    }
}
