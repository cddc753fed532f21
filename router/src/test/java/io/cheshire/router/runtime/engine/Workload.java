package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.PooledPositions;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.Scoring;
import io.cheshire.router.core.TokenRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Requests drawn from a seed: short and long, greedy and sampled, alike at the start and not, with and without scores.
 */
final class Workload {
    private static final int CONTEXT = 64;

    private final Random random;

    Workload(final long seed) {
        random = new Random(seed);
    }

    List<GenerationRequest> requests(final int count) {
        final List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            requests.add(request());
        }
        return requests;
    }

    private GenerationRequest request() {
        final int promptLength = 1 + random.nextInt(random.nextBoolean() ? 8 : 45);
        final int maxTokens = random.nextInt(Math.min(CONTEXT - promptLength, 16) + 1);
        return new GenerationRequest(
                prompt(promptLength),
                maxTokens,
                random.nextInt(4),
                random.nextInt(3) == 0 ? Set.of(3, 17, 40, 51) : Set.of(),
                sampling(),
                random.nextInt(3) == 0 ? random.nextInt(5) : -1,
                random.nextInt(4) == 0 ? random.nextInt(5) : -1,
                random.nextInt(4) == 0 ? "other tenant" : "tenant",
                EngineRig.NEVER,
                TokenRules.NONE,
                false,
                // By the length, so that seeds keep what else they draw.
                new Scoring(promptLength % 3 == 0, promptLength % 2 == 0, PooledPositions.NONE));
    }

    private List<Integer> prompt(final int length) {
        final List<Integer> tokens = new ArrayList<>(EngineRig.prompt(length));
        for (int i = random.nextInt(length + 1); i < length; i++) {
            tokens.set(i, random.nextInt(64));
        }
        return tokens;
    }

    private SamplingParams sampling() {
        if (random.nextInt(3) == 0) {
            return SamplingParams.greedy();
        }
        return new SamplingParams(
                random.nextInt(4) == 0 ? 0 : 0.5 + random.nextDouble(),
                random.nextBoolean() ? 0 : 1 + random.nextInt(40),
                random.nextBoolean() ? 1 : 0.5 + random.nextDouble() / 2,
                random.nextBoolean() ? 0 : random.nextDouble() / 10,
                random.nextBoolean() ? 0 : random.nextDouble(),
                random.nextBoolean() ? 0 : random.nextDouble(),
                random.nextBoolean() ? 1 : 0.8 + random.nextDouble(),
                random.nextInt(3) == 0 ? Map.of(random.nextInt(64), random.nextDouble() * 4 - 2) : Map.of(),
                random.nextLong());
    }
}
