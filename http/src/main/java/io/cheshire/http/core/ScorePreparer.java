package io.cheshire.http.core;

import io.cheshire.http.core.PreparedCall.PreparedPrompt;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.GenerationFields;
import io.cheshire.http.protocol.Prompt;
import io.cheshire.http.protocol.ScoreRequest;
import io.cheshire.http.protocol.ScoreRequest.Input;
import io.cheshire.http.protocol.ScoreRequest.Kind;
import io.cheshire.http.protocol.SegmentFields;
import io.cheshire.model.protocol.ScoreHead;
import io.cheshire.router.core.PooledPositions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** From what is asked of a head that scores to {@link PreparedCall}s. Thread-safe. */
public final class ScorePreparer {
    private final ModelInfo model;
    private final ScoreHead head;
    private final TokenLabels labels;
    private final CallPreparer preparer;

    /** @param head the model's */
    public ScorePreparer(
            final ModelInfo model, final ScoreHead head, final TextModel text, final CallPreparer preparer) {
        this.model = model;
        this.head = head;
        this.labels = new TokenLabels(text, false);
        this.preparer = preparer;
    }

    /** A request after every check. */
    public PreparedCall call(final ScoreRequest request) {
        RequestPlan.checkModel(model, request.model());
        final ScoreCall call = new ScoreCall(request, head);
        final boolean isPair = request.kind() == Kind.SCORE || request.kind() == Kind.RERANK;
        if ((isPair || !request.segments().isEmpty()) && head.labelCount() != 1) {
            throw ApiException.invalid(
                    isPair ? request.kind().field() : "segments",
                    (isPair ? "A score" : "The reward of a segment") + " is one number, and this model's head has "
                            + head.labelCount() + " labels; use /classify, or /pooling without segments.");
        }
        final List<PreparedPrompt> prompts = new ArrayList<>();
        // A query is tokenised once, however many documents it is held against.
        final Map<Prompt, List<Integer>> firsts = new HashMap<>();
        for (int i = 0; i < request.inputs().size(); i++) {
            final Input input = request.inputs().get(i);
            final List<Integer> tokens = tokens(request, input, firsts);
            RequestPlan.checkContext(model, input.field(), "", tokens.size(), 0);
            prompts.add(new PreparedPrompt(tokens, 0, null, positions(call, i, tokens)));
        }
        return new PreparedCall(
                new Shape.Scores(new Shape.Extras(labels, false, false), call),
                GenerationFields.scoring(request.model(), request.yields()),
                prompts,
                0,
                false,
                false,
                request.ignored(),
                PreparedCall.Limits.NONE);
    }

    /** A pair's second text follows on the first one, without what the tokenizer puts around a text. */
    private List<Integer> tokens(
            final ScoreRequest request, final Input input, final Map<Prompt, List<Integer>> firsts) {
        final List<Integer> tokens = new ArrayList<>(firsts.computeIfAbsent(
                input.first(), first -> tokens(request, first, input.firstField(), request.specialTokens())));
        final Prompt second = input.second();
        if (second != null) {
            tokens.addAll(tokens(request, second, input.field(), false));
        }
        final int most = request.truncate() == -1 ? model.contextTokens() : request.truncate();
        return most == 0 || tokens.size() <= most ? tokens : tokens.subList(0, most);
    }

    private List<Integer> tokens(
            final ScoreRequest request, final Prompt prompt, final String field, final boolean specialTokens) {
        return switch (prompt) {
            case Prompt.Text(final String text) ->
                preparer.encode(
                        text,
                        field,
                        specialTokens,
                        request.truncate() == 0 ? model.contextTokens() : Integer.MAX_VALUE);
            case Prompt.Tokens(final List<Integer> ids) -> {
                RequestPlan.checkIds(model, ids, field);
                yield ids;
            }
        };
    }

    private PooledPositions positions(final ScoreCall call, final int input, final List<Integer> tokens) {
        return switch (call.request().kind()) {
            case CLASSIFY, SCORE, RERANK, POOL_TEXTS -> PooledPositions.of(List.of(lastOf(tokens)));
            case POOL_TOKENS -> {
                final SegmentFields segments = call.segments(input);
                yield segments == null
                        ? PooledPositions.all(tokens.size())
                        : PooledPositions.of(Segments.ends(
                                segments,
                                tokens,
                                call.request().inputs().get(input).field()));
            }
        };
    }

    /** As transformers finds it: the last token that isn't padding; the first one of a text of padding alone. */
    private int lastOf(final List<Integer> tokens) {
        int last = tokens.size() - 1;
        while (last > 0 && tokens.get(last) == head.padTokenId()) {
            last--;
        }
        return last;
    }
}
