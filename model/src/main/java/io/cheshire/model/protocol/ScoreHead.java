package io.cheshire.model.protocol;

import java.util.List;

/**
 * A head that scores a text instead of going on with it: the matrix {@code score.weight [labels, hidden]}, without a
 * bias, on the last layer's normed row.
 *
 * @param labels     what its outputs are called, in their order; at least one
 * @param activation what makes probabilities of them
 * @param padTokenId a text is scored at its last token that isn't this one; -1: at its last
 */
public record ScoreHead(List<String> labels, Activation activation, int padTokenId) {
    /** What makes probabilities of outputs. */
    public enum Activation {
        /** Nothing: they are the answer. */
        NONE("regression"),
        /** Each output by itself, {@code 1 / (1 + e^-x)}. */
        SIGMOID("multi_label_classification"),
        /** All of them together. */
        SOFTMAX("single_label_classification");

        private final String problemType;

        Activation(final String problemType) {
            this.problemType = problemType;
        }

        /** The {@code problem_type} that asks for it. */
        public String problemType() {
            return problemType;
        }
    }

    public ScoreHead {
        labels = List.copyOf(labels);
        if (labels.isEmpty()) {
            throw new IllegalArgumentException("a head needs at least one label");
        }
    }

    /** Outputs of a row. */
    public int labelCount() {
        return labels.size();
    }
}
