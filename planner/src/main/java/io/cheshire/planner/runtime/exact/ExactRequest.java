package io.cheshire.planner.runtime.exact;

import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.TokenScores;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One request at a router, as its client sees it: tokens are there a little after they were drawn. */
final class ExactRequest implements GenerationListener {
    private final int number;
    private final long arrivalNs;
    private final long admittedNs;
    private final int wantedTokens;
    private final CellOutcome outcome;
    private final Stream stream;
    private final Runnable ended;
    private int tokens;
    private long lastNs;
    private boolean over;

    /**
     * From a drawn token to its client: an answer's first token takes longer, and those that are drawn meanwhile are
     * read together with it.
     *
     * @param nowNs   the time
     * @param firstNs of the first token
     * @param laterNs of any other
     */
    record Stream(LongSupplier nowNs, long firstNs, long laterNs) {}

    /**
     * @param stream the way to the client
     * @param ended  called once at its end
     */
    ExactRequest(
            final int number,
            final long arrivalNs,
            final long admittedNs,
            final int wantedTokens,
            final CellOutcome outcome,
            final Stream stream,
            final Runnable ended) {
        this.number = number;
        this.arrivalNs = arrivalNs;
        this.admittedNs = admittedNs;
        this.wantedTokens = wantedTokens;
        this.outcome = outcome;
        this.stream = stream;
        this.ended = ended;
    }

    /** When the client has what is sent now. */
    private long seenNs() {
        final long nowNs = stream.nowNs.getAsLong();
        return tokens == 0 ? nowNs + stream.firstNs : Math.max(lastNs, nowNs + stream.laterNs);
    }

    @Override
    public void onPrompt(final List<TokenScores> scores, final int cachedTokens) {}

    @Override
    public void onToken(final int index, final int tokenId, final @Nullable TokenScores scores) {
        final long nowNs = seenNs();
        if (tokens == 0) {
            outcome.firstToken(number, arrivalNs, nowNs);
        } else {
            outcome.nextToken(tokens, nowNs, nowNs - lastNs);
        }
        tokens++;
        lastNs = nowNs;
    }

    @Override
    public void onFinished(final FinishReason reason) {
        if (tokens != wantedTokens) {
            throw new IllegalStateException(
                    "request " + number + " finished with " + tokens + " of " + wantedTokens + " tokens");
        }
        if (!over) {
            over = true;
            outcome.finished(number, arrivalNs, admittedNs, seenNs());
            ended.run();
        }
    }

    @Override
    public void onFailed(final GenerationError error, final String message) {
        giveUp();
    }

    /** It ends without all its tokens: its router died, or said so. */
    void giveUp() {
        if (!over) {
            over = true;
            outcome.failed(number, admittedNs, seenNs());
            ended.run();
        }
    }
}
