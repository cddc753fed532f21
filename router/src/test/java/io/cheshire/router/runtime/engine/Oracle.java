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

    /** Token by token, the whole sequence anew for each. */
    static Expected run(final GenerationRequest request) {
        final int vocab = GoldenModel.config().vocabSize();
        final Sampler sampler = new Sampler(vocab, null);
        final SamplingPlan plan = new SamplingPlan(request, vocab);
        final int promptLength = request.promptTokens().size();
        final int total = promptLength + request.maxTokens();
        final int[] tokens = Arrays.copyOf(
                request.promptTokens().stream().mapToInt(Integer::intValue).toArray(), total);
        final List<Integer> generated = new ArrayList<>();
        final List<TokenScores> scores = new ArrayList<>();
        final List<TokenScores> promptScores = new ArrayList<>();
        for (int length = promptLength; length <= total; length++) {
            final float[][] logits =
                    MODEL.logits(Arrays.copyOf(tokens, length), total, new int[] {64}, (layer, b, l) -> {});
            if (length == promptLength && request.promptLogprobCount() >= 0) {
                for (int i = 0; i < promptLength - 1; i++) {
                    sampler.load(MemorySegment.ofArray(logits[i]), 0);
                    promptScores.add(sampler.scores(tokens[i + 1], request.promptLogprobCount()));
                }
            }
            if (length == total) {
                break;
            }
            sampler.load(MemorySegment.ofArray(logits[length - 1]), 0);
            tokens[length] = sampler.sample(plan, tokens, promptLength, length);
            generated.add(tokens[length]);
            scores.add(request.logprobCount() < 0 ? null : sampler.scores(tokens[length], request.logprobCount()));
            if (request.stopTokenIds().contains(tokens[length])) {
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
