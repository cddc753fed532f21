package io.cheshire.chaos.sim.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One process, one sequence, one position after the other: the tokens that every cluster must give. */
public final class ReferenceModel {
    private final SimModel model;
    private final Map<List<Integer>, List<Integer>> known = new HashMap<>();

    public ReferenceModel(final SimModel model) {
        this.model = model;
    }

    /** The greedy continuation of a prompt. */
    public List<Integer> continuation(final List<Integer> prompt, final int tokens) {
        final List<Integer> before = known.get(prompt);
        if (before != null && before.size() >= tokens) {
            return before.subList(0, tokens);
        }
        final List<Integer> made = compute(prompt, tokens);
        known.put(prompt, made);
        return made;
    }

    private List<Integer> compute(final List<Integer> prompt, final int tokens) {
        final int layers = model.config().layerCount();
        final long[] contexts = new long[layers];
        final List<Integer> made = new ArrayList<>();
        final float[] x = new float[model.hidden()];
        for (int position = 0; made.size() < tokens; position++) {
            final int token = position < prompt.size() ? prompt.get(position) : made.get(position - prompt.size());
            forward(token, position, contexts, x);
            if (position >= prompt.size() - 1) {
                made.add(best(x));
            }
        }
        return List.copyOf(made);
    }

    private void forward(final int token, final int position, final long[] contexts, final float[] x) {
        final int hidden = model.hidden();
        final float[] row = new float[hidden];
        final float[] first = new float[hidden];
        final float[] second = new float[hidden];
        final int[] experts = new int[2];
        final float[] weights = new float[2];
        model.embed(token, x);
        for (int layer = 0; layer < contexts.length; layer++) {
            contexts[layer] = SimModel.context(contexts[layer], model.kvEntry(layer, position, x));
            model.attend(layer, contexts[layer], x, row);
            model.gate(layer, x, experts, weights, 0);
            model.expert(layer, experts[0], row, first);
            model.expert(layer, experts[1], row, second);
            SimModel.combine(x, first, second, weights[0], weights[1]);
        }
    }

    private int best(final float[] x) {
        int best = 0;
        for (int token = 1; token < model.config().vocabSize(); token++) {
            if (model.logit(x, token) > model.logit(x, best)) {
                best = token;
            }
        }
        return best;
    }
}
