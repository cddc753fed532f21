package io.cheshire.http.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cheshire.http.core.PreparedCall.PreparedPrompt;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.GenerationFields;
import io.cheshire.http.protocol.OutputRules;
import io.cheshire.http.protocol.SamplingFields;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AnswerCostTest {
    private static final int EVENT_QUEUE = 4096;
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void shouldKeepAWholeAnswerWithinSomeMebibytesWhereATreeTookMostOfAGibibyte() {
        final AnswerCost cost = AnswerCost.of(call(1, 8, 8000, 20, false, false), EVENT_QUEUE);
        assertThat(cost.keptBytes()).isBetween(10 * MEBIBYTE, 20 * MEBIBYTE);
    }

    @Test
    void shouldNameTheFactorsTheLimitAndTheRemedyWhenAnAnswerIsTooLarge() {
        final PreparedCall call = call(64, 2, 8000, 20, false, false);
        final AnswerCost cost = AnswerCost.of(call, EVENT_QUEUE);
        final ApiException refusal = catchThrowableOfType(ApiException.class, () -> cost.check(call, 64 * MEBIBYTE));

        assertThat(refusal.error().status()).isEqualTo(400);
        assertThat(refusal.error().code()).isEqualTo("answer_too_large");
        assertThat(refusal.error().param()).isEqualTo("logprobs");
        assertThat(refusal.error().message())
                .contains("64 prompts", "2 choices", "8000 tokens", "20 alternatives", "64 MiB", "stream");
    }

    @Test
    void shouldChargeAStreamForWhatMayWaitForItsReaderOnly() {
        final AnswerCost whole = AnswerCost.of(call(64, 2, 8000, 20, false, false), EVENT_QUEUE);
        final AnswerCost stream = AnswerCost.of(call(64, 2, 8000, 20, false, true), EVENT_QUEUE);
        assertThat(stream.keptBytes()).isLessThan(6 * MEBIBYTE);
        assertThat(whole.keptBytes()).isGreaterThan(100 * MEBIBYTE);
    }

    @Test
    void shouldChargeTheScoresOfEchoedPromptsForEveryChoice() {
        final long one =
                AnswerCost.of(call(1, 1, 0, 20, true, true), EVENT_QUEUE).keptBytes();
        final long many =
                AnswerCost.of(call(16, 8, 0, 20, true, true), EVENT_QUEUE).keptBytes();
        assertThat(many - one).isGreaterThan(127L * 1000 * 20 * 8);
    }

    @Test
    void shouldNotOverflowWhenEveryFactorIsAsLargeAsItGets() {
        final AnswerCost cost = AnswerCost.of(call(64, 8, Integer.MAX_VALUE, 20, true, false), EVENT_QUEUE);
        assertThat(cost.keptBytes()).isGreaterThan(1L << 40);
    }

    private static PreparedCall call(
            final int prompts,
            final int choices,
            final int maxTokens,
            final int logprobs,
            final boolean isEchoed,
            final boolean isStream) {
        final TextModel text = TextModel.none();
        final GenerationFields fields = new GenerationFields(
                null,
                new SamplingFields(1, 1, 0, 0, 0, 0, 1, Map.of(), null),
                maxTokens,
                0,
                List.of(),
                Set.of(),
                false,
                choices,
                isStream,
                false,
                false,
                logprobs,
                false,
                false,
                OutputRules.NONE,
                0,
                -1,
                false,
                false,
                "max_tokens");
        final List<Integer> tokens = Collections.nCopies(1000, 1);
        final PreparedPrompt prompt =
                new PreparedPrompt(tokens, maxTokens, isEchoed ? EchoedPrompt.of(text, tokens, null) : null);
        return new PreparedCall(
                new Shape.Completion(new Shape.Extras(new TokenLabels(text, false), logprobs >= 0, true)),
                fields,
                Collections.nCopies(prompts, prompt),
                1,
                true,
                false,
                List.of(),
                PreparedCall.Limits.NONE);
    }
}
