package io.cheshire.router.core.sample;

import io.cheshire.model.testing.BitsDigest;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.TokenScores;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Prints a digest of tokens drawn in this JVM, and one of their log-probabilities. */
public final class PrintedDraws {
    private static final int VOCAB = 1000;
    private static final int[] SEQUENCE = {5, 6, 7, 8};

    private PrintedDraws() {}

    public static void main(final String[] args) {
        final Random random = new Random(11);
        final Sampler sampler = new Sampler(VOCAB, null);
        final BitsDigest tokens = new BitsDigest();
        final BitsDigest scores = new BitsDigest();
        for (int draw = 0; draw < 2000; draw++) {
            final float[] logits = new float[VOCAB];
            for (int id = 0; id < VOCAB; id++) {
                logits[id] = (random.nextFloat() - 0.5f) * 16;
            }
            sampler.load(MemorySegment.ofArray(logits), 0);
            final SamplingParams params = new SamplingParams(
                    0.05 + random.nextDouble(),
                    draw % 3 == 0 ? 40 : 0,
                    draw % 2 == 0 ? 1 : 0.9,
                    draw % 5 == 0 ? 0.05 : 0,
                    draw % 7 == 0 ? 0.5 : 0,
                    0.1,
                    1.1,
                    Map.of(),
                    draw);
            final GenerationRequest request =
                    new GenerationRequest(List.of(5, 6, 7), 100, 0, Set.of(), params, -1, -1, "", 0, TokenRules.NONE);
            final int token = sampler.sample(new SamplingPlan(request, VOCAB), SEQUENCE, 3, 4);
            tokens.add(token);
            final TokenScores best = sampler.scores(token, 20);
            scores.add(best.logprob());
            best.best().forEach(each -> scores.add(each.tokenId()).add(each.logprob()));
        }
        System.out.println("tokens " + tokens.text());
        System.out.println("log-probabilities " + scores.text());
    }
}
