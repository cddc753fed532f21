package io.cheshire.http.core;

import io.cheshire.http.protocol.GenerationFields;
import io.cheshire.http.protocol.ToolFields;
import io.cheshire.router.core.PooledPositions;
import io.cheshire.router.core.TokenRules;
import io.cheshire.router.core.grammar.CallMarks;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request after every check: what goes to the engine and how its answer is written.
 *
 * @param shape     the endpoint's form
 * @param fields    the request's common fields
 * @param prompts   sequences are numbered prompt by prompt, {@code n} each
 * @param seed      the request's, or one drawn
 * @param tokenIds  choices carry token ids
 * @param promptIds choices carry the prompt's token ids
 * @param limits    which tokens answers may have
 * @param ignored   names of the request's fields that were accepted without effect, to be told to the client
 */
public record PreparedCall(
        Shape shape,
        GenerationFields fields,
        List<PreparedPrompt> prompts,
        long seed,
        boolean tokenIds,
        boolean promptIds,
        List<String> ignored,
        Limits limits) {
    public PreparedCall {
        ignored = List.copyOf(ignored);
        prompts = List.copyOf(prompts);
    }

    /** Sequences of the call. */
    public int sequenceCount() {
        return Math.multiplyExact(prompts.size(), fields.n());
    }

    /** The prompt of a sequence. */
    public PreparedPrompt promptOf(final int sequence) {
        return prompts.get(sequence / fields.n());
    }

    /**
     * Which tokens answers may have.
     *
     * @param rules for the engine
     * @param tools that may be called, or null
     * @param marks how calls are written
     * @param hasForm an answer that calls nothing has a form
     */
    public record Limits(TokenRules rules, @Nullable ToolFields tools, CallMarks marks, boolean hasForm) {
        /** All of them, and no tools. */
        public static final Limits NONE = new Limits(TokenRules.NONE, null, ToolFormat.MARKS, false);

        /** Finds calls in one answer. */
        CallScanner scanner() {
            return new CallScanner(marks, hasForm);
        }
    }

    /** One prompt, its budget, its echo or null, and where the model's head is asked, if it scores. */
    public record PreparedPrompt(
            List<Integer> tokens, int maxTokens, @Nullable EchoedPrompt echo, PooledPositions pooled) {
        public PreparedPrompt {
            tokens = List.copyOf(tokens);
        }

        /** One that is gone on from. */
        public PreparedPrompt(final List<Integer> tokens, final int maxTokens, final @Nullable EchoedPrompt echo) {
            this(tokens, maxTokens, echo, PooledPositions.NONE);
        }
    }
}
