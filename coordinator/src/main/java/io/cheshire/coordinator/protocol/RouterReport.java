package io.cheshire.coordinator.protocol;

import java.util.List;

/**
 * What a router says of itself, every second and when asked.
 *
 * @param routerId    the router's number
 * @param incarnation which start of the router
 * @param state       where it is in its life
 * @param epoch       epoch it acknowledged last, 0 before the first
 * @param ready       whether it admits requests
 * @param rowsByLayer rows computed since its start, per layer
 * @param answerRows  rows asked for beyond those, per layer; read before {@code rowsByLayer}
 * @param traffic     what it sent to each unit since its start
 */
public record RouterReport(
        int routerId,
        long incarnation,
        NodeState state,
        long epoch,
        boolean ready,
        List<Long> rowsByLayer,
        AnswerRows answerRows,
        UnitTraffic traffic) {
    public RouterReport {
        rowsByLayer = List.copyOf(rowsByLayer);
    }
}
