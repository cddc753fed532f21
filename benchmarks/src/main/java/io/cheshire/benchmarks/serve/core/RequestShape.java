package io.cheshire.benchmarks.serve.core;

import java.util.List;

/**
 * How much one request asks for, and which parts of its prompt it shares with others.
 *
 * @param inputTokens  tokens in the prompt, at least 1
 * @param outputTokens tokens to generate, at least 1
 * @param blockTokens  tokens in one shared block; 0 where nothing is shared
 * @param sharedBlocks ids of the blocks the prompt starts with, in order: equal ids hold equal tokens. What lies beyond
 *                     them is the request's own
 */
public record RequestShape(int inputTokens, int outputTokens, int blockTokens, List<Long> sharedBlocks) {
    public RequestShape {
        sharedBlocks = List.copyOf(sharedBlocks);
        if (inputTokens < 1 || outputTokens < 1 || blockTokens < 0 || (blockTokens == 0 && !sharedBlocks.isEmpty())) {
            throw new IllegalArgumentException("a request needs at least one token in and one out: " + inputTokens
                    + " in, " + outputTokens + " out, blocks of " + blockTokens);
        }
    }

    /** A request that shares nothing. */
    public static RequestShape of(final int inputTokens, final int outputTokens) {
        return new RequestShape(inputTokens, outputTokens, 0, List.of());
    }

    /** The same request with all lengths multiplied by {@code factor} (at least 1 token each) and then capped. */
    public RequestShape scaled(final double factor, final int maxInput, final int maxOutput) {
        final int input = Math.clamp(Math.round(inputTokens * factor), 1, maxInput);
        final int output = Math.clamp(Math.round(outputTokens * factor), 1, maxOutput);
        if (blockTokens == 0) {
            return of(input, output);
        }
        final int block = (int) Math.max(1, Math.round(blockTokens * factor));
        return new RequestShape(input, output, block, sharedBlocks);
    }
}
