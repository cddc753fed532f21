package io.cheshire.benchmarks.serve.core;

/**
 * Token ids of the prompts of a run. Random ids: the contents don't matter to a benchmark, but no two requests may
 * share a prefix by accident (a prefix cache would answer it), and those that should share one must.
 *
 * @param seed           the run's seed
 * @param vocabularySize ids lie in [{@link #FIRST_ID}, vocabularySize)
 */
public record PromptTokens(long seed, int vocabularySize) {
    /** Ids 0 to 2 are unk, begin and end in the Llama vocabularies that PhiMoE uses; no prompt contains them. */
    public static final int FIRST_ID = 3;

    private static final long OWN_TOKENS = 1L << 62;

    public PromptTokens {
        if (vocabularySize <= FIRST_ID) {
            throw new BenchException("the vocabulary has " + vocabularySize + " tokens, a prompt needs more than "
                    + FIRST_ID + ": give the model's real size with --vocab-size");
        }
    }

    /** The token at a position of a request's prompt, the same at every call. */
    public int tokenAt(final PlannedRequest request, final int position) {
        final RequestShape shape = request.shape();
        final int block = shape.blockTokens() == 0 ? 0 : position / shape.blockTokens();
        final boolean shared =
                shape.blockTokens() > 0 && block < shape.sharedBlocks().size();
        final long stream = shared ? shape.sharedBlocks().get(block) : OWN_TOKENS + request.index();
        final long place = shared ? position % shape.blockTokens() : position;
        return FIRST_ID + Mix.below(vocabularySize - FIRST_ID, seed, stream, place);
    }
}
