package io.cheshire.coordinator.protocol;

import java.util.List;

/**
 * What became of the rows that a router asked expert nodes for and did not combine, per layer since its start. Together
 * with the rows that it computed this is its side of the books: as soon as {@code open} is zero, all nodes together
 * served {@code expertsPerToken x computed - givenUp + unused} rows of a layer, and up to {@code lost} more.
 *
 * @param unused  answered, and dropped: another replica had answered the row already, or nobody waited for it any more
 * @param givenUp combined without an answer, as NaN: no node could compute them, and their requests failed
 * @param open    asked for and neither answered nor refused yet
 * @param lost    asked for and never heard of: the connection ended or the answer stayed away, so the node may have
 *                served them or not
 */
public record AnswerRows(List<Long> unused, List<Long> givenUp, List<Long> open, List<Long> lost) {
    /** Nothing was asked for. */
    public static final AnswerRows NONE = new AnswerRows(List.of(), List.of(), List.of(), List.of());

    public AnswerRows {
        unused = List.copyOf(unused);
        givenUp = List.copyOf(givenUp);
        open = List.copyOf(open);
        lost = List.copyOf(lost);
    }
}
