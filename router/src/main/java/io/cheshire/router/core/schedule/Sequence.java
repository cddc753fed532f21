package io.cheshire.router.core.schedule;

import io.cheshire.model.core.RopeTable;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.TokenScores;
import io.cheshire.router.core.grammar.ForcedRun;
import io.cheshire.router.core.grammar.Grammar;
import io.cheshire.router.core.kv.BlockKey;
import io.cheshire.router.core.sample.SamplingPlan;
import io.cheshire.router.core.speculate.Acceptance;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One sequence in flight: its tokens, how many of them are in the KV cache, and the blocks that hold them. Written by
 * the engine thread; the device thread reads it while a step that contains it runs, and the engine thread then leaves
 * it alone. Who ends it and why is the engine's matter; {@link #ended} keeps it out of further steps.
 */
public final class Sequence {
    private static final int[] NO_BLOCKS = {};
    /** Tokens that must follow, as far as they are remembered. */
    static final int MOST_AHEAD = 64;
    /** More than will ever arrive. */
    private static final long YIELDS = 1L << 62;

    /** Order of arrival; the larger the younger. */
    public final long arrival;

    /** Its place in the queue and among those that run: by arrival, but all that yield behind all others. */
    final long rank;

    public final GenerationRequest request;
    public final GenerationListener listener;
    public final SamplingPlan sampling;
    /** Of its next token; null unless its text must match a grammar. */
    public final @Nullable SequenceMask mask;
    /**
     * The same table for life (docs/model.md §3.2): long iff prompt and most output together exceed the original
     * maximum.
     */
    public final RopeTable ropeTable;

    public final int promptLength;
    /** Prompt and output; {@link #length} in use. Behind it guessed tokens may stand while a step is under way. */
    public int[] tokens;

    public int length;
    /** Positions in the KV cache. */
    public int computed;
    /** Blocks held, {@link #blockCount} in use. */
    public int[] blocks = NO_BLOCKS;

    public int blockCount;
    /** Blocks, from the first on, that came from the prefix cache or were published to it. */
    public int sharedBlocks;
    /** Keys of the sequence's full blocks, as far as they were needed. Tokens never change, so neither do these. */
    final List<BlockKey> keys = new ArrayList<>();
    /** Waits for the first time. */
    boolean newcomer = true;
    /** Lane, or -1 while waiting. */
    public int lane = -1;
    /** Part of a step that runs. */
    public boolean inFlight;
    /** Its blocks are wanted as soon as its step is done. */
    public boolean preemptRequested;
    /** Had its terminal call. */
    public boolean ended;
    /** Had {@link GenerationListener#onPrompt}. */
    public boolean promptReported;
    /** Prompt tokens found in the prefix cache when first admitted, or -1 before. */
    public int cachedTokens = -1;
    /** Scores of prompt tokens 1, 2, …, as far as computed. */
    public final List<TokenScores> promptScores = new ArrayList<>();
    /** What the head said where it was asked, as far as computed. */
    public final List<PooledRow> pooledRows = new ArrayList<>();
    /** What became of its tokens guessed from what came before. */
    public final Acceptance acceptance = new Acceptance();
    /** What became of its tokens guessed from the text that must follow. */
    public final Acceptance formAcceptance = new Acceptance();
    /** What must follow its first {@link #aheadOf} tokens; null without a grammar. */
    private final @Nullable ForcedRun ahead;

    private int aheadOf;

    public Sequence(
            final long arrival,
            final GenerationRequest request,
            final GenerationListener listener,
            final SamplingPlan sampling,
            final RopeTable ropeTable) {
        this.arrival = arrival;
        this.rank = request.yields() ? YIELDS + arrival : arrival;
        this.request = request;
        this.listener = listener;
        this.sampling = sampling;
        final Grammar grammar = request.rules().grammar();
        this.mask = grammar == null
                ? null
                : new SequenceMask(grammar, request.rules().opensText());
        this.ahead = grammar == null ? null : new ForcedRun(MOST_AHEAD);
        this.ropeTable = ropeTable;
        promptLength = request.promptTokens().size();
        tokens = new int[promptLength];
        for (int i = 0; i < promptLength; i++) {
            tokens[i] = request.promptTokens().get(i);
        }
        length = promptLength;
        aheadOf = promptLength;
        if (ahead != null && grammar != null) {
            ahead.copy(grammar.beginning(request.rules().opensText()));
        }
    }

    /** What must follow all of its tokens, as far as it is known; null: nothing. */
    @Nullable
    ForcedRun ahead() {
        return aheadOf == length ? ahead : null;
    }

    /** What must follow all of its tokens. */
    public void setAhead(final ForcedRun run) {
        if (ahead != null) {
            ahead.copy(run);
            aheadOf = length;
        }
    }

    /** Tokens not in the KV cache yet. The last of them gives the next token. */
    public int pending() {
        return length - computed;
    }

    public int generated() {
        return length - promptLength;
    }

    public void append(final int token) {
        makeRoom(1);
        tokens[length++] = token;
    }

    /** Room for tokens behind those in use; no more than the sequence may ever have. */
    void makeRoom(final int more) {
        if (length + more > tokens.length) {
            final int most = Math.addExact(promptLength, request.maxTokens());
            tokens = Arrays.copyOf(tokens, Math.min(most, Math.max(length + more + 16, length + length / 2)));
        }
    }

    /** Whether the logits after position {@code position} are wanted to score the prompt. */
    boolean scores(final int position) {
        return request.promptLogprobCount() >= 0 && position < promptLength - 1 && position >= promptScores.size();
    }

    /** Whether what the head says at a position is wanted, and not known yet. */
    boolean pools(final int position) {
        return request.scoring().pooled().contains(position) && position >= nextPooled();
    }

    private int nextPooled() {
        return request.scoring()
                .pooled()
                .next(pooledRows.isEmpty() ? 0 : pooledRows.getLast().position() + 1);
    }

    /** The first position whose logits are still wanted though the prompt goes on behind it; others may be cached. */
    int firstWanted() {
        final boolean isUnscored = request.promptLogprobCount() >= 0 && promptScores.size() < promptLength - 1;
        return isUnscored ? Math.min(promptScores.size(), nextPooled()) : nextPooled();
    }

    /** How many of the next {@code rows} there may be so that they want {@code most} logits within the prompt. */
    int rowsWithin(final int rows, final int most) {
        int taken = 0;
        int wanted = 0;
        while (taken < rows) {
            wanted += wantsWithin(computed + taken) ? 1 : 0;
            if (wanted > most) {
                break;
            }
            taken++;
        }
        return taken;
    }

    /** How many logits within the prompt these rows want. */
    int wantedOf(final int rows) {
        int wanted = 0;
        for (int i = 0; i < rows; i++) {
            wanted += wantsWithin(computed + i) ? 1 : 0;
        }
        return wanted;
    }

    private boolean wantsWithin(final int position) {
        return position < length - 1 && (scores(position) || pools(position));
    }

    void addBlock(final int block) {
        if (blockCount == blocks.length) {
            blocks = Arrays.copyOf(blocks, Math.max(4, 2 * blockCount));
        }
        blocks[blockCount++] = block;
    }
}
