package io.cheshire.router.core.schedule;

import io.cheshire.router.core.PooledRow;
import io.cheshire.router.core.Scoring;
import io.cheshire.router.core.grammar.AllowedTokens;
import io.cheshire.router.core.grammar.GrammarException;
import io.cheshire.router.core.sample.Sampler;
import java.lang.foreign.MemorySegment;

/** Turns the logits of a step into its outcomes. Runs on the device thread, right behind the logits. */
public final class StepSampling {
    private StepSampling() {}

    /** Fills {@link StepPlan#drawn} and {@link StepPlan#scores} from {@code [logitsRowCount, vocab]} fp32 logits. */
    public static void run(final StepPlan plan, final MemorySegment logits, final Sampler sampler) {
        for (int i = 0; i < plan.batch.logitsRowCount; i++) {
            if (plan.purposes[i] == StepPlan.Purpose.DRAFT && !plan.follows(i)) {
                plan.drawn[i] = StepPlan.NOT_REACHED;
            } else {
                plan.drawn[i] = sampler.load(logits, i) ? outcome(plan, i, sampler) : StepPlan.NUMERIC;
                if (plan.looksAhead && !plan.goesOn(i)) {
                    lookAhead(plan, i);
                }
            }
        }
    }

    /** What must follow the last token that a step draws of a sequence is known when the step is over. */
    private static void lookAhead(final StepPlan plan, final int i) {
        final int slot = plan.logitsSlot[i];
        final Sequence sequence = plan.sequence(slot);
        final SequenceMask mask = sequence.mask;
        if (mask == null) {
            return;
        }
        plan.ahead[slot].clear();
        final int token = plan.drawn[i];
        if (token >= 0 && plan.isDrawn(i) && !sequence.sampling.ends(token)) {
            mask.ahead(sequence.promptLength, plan.position(i) + 1, token, plan.ahead[slot]);
        }
    }

    private static int outcome(final StepPlan plan, final int i, final Sampler sampler) {
        final int slot = plan.logitsSlot[i];
        final Sequence sequence = plan.sequence(slot);
        final int position = plan.position(i);
        return switch (plan.purposes[i]) {
            case CHECK -> 0;
            case SCORE -> {
                final Scoring scoring = sequence.request.scoring();
                plan.scores[i] = sampler.scores(
                        sequence.tokens[position + 1],
                        sequence.request.promptLogprobCount(),
                        scoring.ranks(),
                        scoring.entropies());
                yield 0;
            }
            case POOL -> {
                plan.pooled[i] = new PooledRow(position, sampler.outputs());
                yield 0;
            }
            case SAMPLE, DRAFT -> {
                final int token = draw(sequence, position + 1, sampler);
                if (token >= 0 && sequence.request.logprobCount() >= 0) {
                    plan.scores[i] = sampler.scores(
                            token,
                            sequence.request.logprobCount(),
                            false,
                            sequence.request.scoring().entropies());
                }
                yield token;
            }
        };
    }

    /** The token behind {@code length} tokens: all of the sequence, and guessed ones that were drawn. */
    private static int draw(final Sequence sequence, final int length, final Sampler sampler) {
        final SequenceMask mask = sequence.mask;
        AllowedTokens allowed = null;
        if (mask != null) {
            try {
                allowed = mask.after(sequence.tokens, sequence.promptLength, length);
            } catch (final GrammarException unmatched) {
                return StepPlan.UNMATCHED;
            }
            if (allowed.isDone() && allowed.mayEnd() && !sequence.sampling.hasEnd()) {
                return StepPlan.COMPLETE;
            }
        }
        final int token = sampler.sample(sequence.sampling, sequence.tokens, sequence.promptLength, length, allowed);
        if (token != Sampler.NO_TOKEN) {
            return token;
        }
        return sequence.request.rules().isNone() ? StepPlan.NUMERIC : StepPlan.UNMATCHED;
    }
}
