package io.cheshire.http.core;

import io.cheshire.http.core.PreparedCall.PreparedPrompt;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.GenerationFields;
import io.cheshire.router.core.grammar.Grammar;

/**
 * Heap that a call's answer may take between the engine and the client: each of its factors has a limit of its own, and
 * this is where their product has one. A whole answer is kept as numbers until it is complete; a stream is not, but
 * events wait for its reader. Pure.
 *
 * @param keptBytes what the call holds at most
 * @param eventBytes one event of the engine on its way to the call
 */
public record AnswerCost(long keptBytes, int eventBytes) {
    /** Events on their way to a whole answer for which it has room of its own. */
    public static final int OWN_EVENT_BYTES = 64 << 10;

    /** A character of a text that isn't all Latin, in a buffer with as much room to spare. */
    private static final int BYTES_PER_CHAR = 4;
    /** Most tokens have about four characters. */
    private static final int TEXT_BYTES_PER_TOKEN = 4 * BYTES_PER_CHAR;
    /** A prompt's token, boxed, until the call ends; and what it takes to echo one. */
    private static final int PROMPT_BYTES_PER_TOKEN = 24;

    private static final int ECHO_BYTES_PER_TOKEN = 16;
    /** A block on its way out, and one being filled. */
    private static final int WRITE_BYTES = 128 << 10;
    /** An event with its place in the queue; the scores it may have, and each alternative, as objects. */
    private static final int EVENT_BYTES = 96;

    private static final int SCORES_BYTES = 96;
    private static final int CANDIDATE_BYTES = 32;

    /**
     * The cost of a call.
     *
     * @param eventQueue tokens that may wait for a stream's reader
     */
    public static AnswerCost of(final PreparedCall call, final int eventQueue) {
        final GenerationFields fields = call.fields();
        final int alternatives = fields.logprobs();
        final int scoresBytes = alternatives < 0 ? 0 : SCORES_BYTES + alternatives * CANDIDATE_BYTES;
        final int eventBytes = EVENT_BYTES + scoresBytes;
        final boolean keepsJson = alternatives >= 0 && call.shape() instanceof Shape.Response;
        final long tokenBytes = (long) TextTokens.bytesPerToken(alternatives)
                + (fields.entropies() ? Float.BYTES : 0)
                + (keepsJson ? ResponseTokens.bytesPerToken(alternatives) : 0);
        final Grammar grammar = call.limits().rules().grammar();
        long held = WRITE_BYTES + (grammar == null ? 0 : grammar.maxBytes());
        long generated = 0;
        long echoed = 0;
        long longest = 0;
        for (final PreparedPrompt prompt : call.prompts()) {
            final boolean isEchoed = prompt.echo() != null;
            generated += (long) fields.n() * prompt.maxTokens();
            // What an echo asks for is kept with them.
            final int kept = Math.max(isEchoed ? alternatives : -1, fields.promptLogprobs());
            held += fields.promptLogprobs() < 0
                    ? 0
                    : (long) fields.n() * prompt.tokens().size() * (SCORES_BYTES + kept * CANDIDATE_BYTES);
            held += prompt.pooled().count() * pooledBytes(call);
            held += (long) prompt.tokens().size() * (PROMPT_BYTES_PER_TOKEN + (isEchoed ? ECHO_BYTES_PER_TOKEN : 0));
            echoed += isEchoed ? (long) fields.n() * prompt.tokens().size() : 0;
            longest = Math.max(longest, prompt.maxTokens());
        }
        // The prompt's scores come as objects, all at once, and are kept as numbers from then on.
        final long prompts = echoed * (tokenBytes + scoresBytes);
        final long events = Math.min(generated, eventQueue) * eventBytes;
        final long own = Math.min(generated * eventBytes, OWN_EVENT_BYTES);
        final long answer = own + generated * (tokenBytes + TEXT_BYTES_PER_TOKEN) + longest * tokenBytes;
        final boolean keeps = !fields.stream() || call.shape().keepsText();
        return new AnswerCost(held + prompts + (fields.stream() ? events : 0) + (keeps ? answer : 0), eventBytes);
    }

    /** A row of what a head says, in an event and for the answer, as the same numbers. */
    private static long pooledBytes(final PreparedCall call) {
        return call.shape() instanceof final Shape.Scores scores
                ? EVENT_BYTES + (long) scores.call().head().labelCount() * Float.BYTES
                : 0;
    }

    /** Characters that {@link #of} reckoned with. */
    public static long expectedTextChars(final PreparedCall call) {
        long tokens = 0;
        for (final PreparedPrompt prompt : call.prompts()) {
            tokens += (long) call.fields().n() * prompt.maxTokens();
        }
        return tokens * TEXT_BYTES_PER_TOKEN / BYTES_PER_CHAR;
    }

    /** Heap of characters beyond that. */
    public static long textBytes(final long chars) {
        return chars * BYTES_PER_CHAR;
    }

    /** Refuses a call that alone would take more than {@code limitBytes}. */
    public void check(final PreparedCall call, final long limitBytes) {
        if (keptBytes <= limitBytes) {
            return;
        }
        final GenerationFields fields = call.fields();
        if (call.shape() instanceof final Shape.Scores scores) {
            throw new ApiException(ApiError.invalid(
                    scores.promptField(),
                    "answer_too_large",
                    "The answer may take " + mebibytes(keptBytes) + " MiB of the server's memory: "
                            + call.prompts().size() + " inputs, each position with "
                            + scores.call().head().labelCount() + " numbers; the limit is "
                            + mebibytes(limitBytes) + " MiB. Send fewer or shorter inputs at once."));
        }
        int promptTokens = 0;
        int maxTokens = 0;
        for (final PreparedPrompt prompt : call.prompts()) {
            maxTokens = Math.max(maxTokens, prompt.maxTokens());
            promptTokens = Math.max(
                    promptTokens, prompt.echo() == null ? 0 : prompt.tokens().size());
        }
        final String echoed = promptTokens == 0 ? "" : " and " + promptTokens + " echoed";
        final String scored = fields.logprobs() < 0 ? "" : ", each with " + fields.logprobs() + " alternatives";
        throw new ApiException(ApiError.invalid(
                fields.logprobs() > 0 ? call.shape().logprobsField() : fields.budgetField(),
                "answer_too_large",
                "The answer may take " + mebibytes(keptBytes) + " MiB of the server's memory: "
                        + call.prompts().size()
                        + " prompts, times " + fields.n() + " choices, times " + maxTokens + " tokens to generate"
                        + echoed + scored + "; the limit is " + mebibytes(limitBytes)
                        + " MiB. Ask for fewer of them, or set stream to true."));
    }

    private static long mebibytes(final long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }
}
