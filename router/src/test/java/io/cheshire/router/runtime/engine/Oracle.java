package io.cheshire.router.runtime.engine;

import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.SingleProcessModel;
import io.cheshire.model.protocol.Precision;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.core.sample.Sampler;
import io.cheshire.router.core.sample.SamplingPlan;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What a request must give: the golden model in one process, one sequence at a time. */
final class Oracle {
    private static final SingleProcessModel MODEL = new SingleProcessModel(
            GoldenModel.config(),
            Precision.FP32,
            new ReferenceKernels(),
            GoldenModel.routerWeights(),
            GoldenModel::unitWeights,
            64,
            64);

    record Expected(List<Integer> tokens, List<TokenScores> scores, List<TokenScores> promptScores) {}

    private Oracle() {}

    /**
     * What the request must give, judged from what it gave: each token from the logits of the tokens before it, all of
     * them from one pass. Ends behind the first token that differs; a sequence that ended too early lacks one here.
     */
    static Expected run(final GenerationRequest request, final List<Integer> given) {
        final int vocab = GoldenModel.config().vocabSize();
        final Sampler sampler = new Sampler(vocab, null);
        final SamplingPlan plan = new SamplingPlan(request, vocab);
        final int promptLength = request.promptTokens().size();
        final int total = promptLength + request.maxTokens();
        final int[] tokens = Stream.concat(request.promptTokens().stream(), given.stream())
                .limit(total)
                .mapToInt(Integer::intValue)
                .toArray();
        final float[][] logits = MODEL.logits(tokens, total, new int[] {64}, (layer, b, l) -> {});
        final List<Integer> generated = new ArrayList<>();
        final List<TokenScores> scores = new ArrayList<>();
        final List<TokenScores> promptScores = new ArrayList<>();
        for (int i = 0; i < promptLength - 1 && request.promptLogprobCount() >= 0; i++) {
            sampler.load(MemorySegment.ofArray(logits[i]), 0);
            promptScores.add(sampler.scores(
                    tokens[i + 1],
                    request.promptLogprobCount(),
                    request.scoring().ranks(),
                    request.scoring().entropies()));
        }
        for (int length = promptLength; length <= tokens.length && length < total; length++) {
            sampler.load(MemorySegment.ofArray(logits[length - 1]), 0);
            final int token = sampler.sample(plan, tokens, promptLength, length);
            generated.add(token);
            scores.add(
                    request.logprobCount() < 0
                            ? null
                            : sampler.scores(
                                    token,
                                    request.logprobCount(),
                                    false,
                                    request.scoring().entropies()));
            final boolean differs = length < tokens.length && tokens[length] != token;
            if (differs || request.stopTokenIds().contains(token)) {
                break;
            }
        }
        return new Expected(generated, scores, promptScores);
    }

    /** Greedy by the model's own loop, which knows nothing of the sampler. */
    static List<Integer> greedy(final List<Integer> prompt, final int maxTokens) {
        final int[] tokens =
                MODEL.greedy(prompt.stream().mapToInt(Integer::intValue).toArray(), maxTokens, java.util.Set.of());
        return Arrays.stream(tokens).boxed().toList();
    }
}
