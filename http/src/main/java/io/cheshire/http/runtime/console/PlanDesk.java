package io.cheshire.http.runtime.console;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Answers the console's questions about capacity, and holds a plan against what this router does. Safe from any thread;
 * whoever asks for an answer computes it.
 */
public interface PlanDesk extends AutoCloseable {
    /** Presets, classes of machines with how exactly they were measured, and the plan in force as a form. */
    JsonNode catalogue();

    /**
     * What one fleet does, the first of each list: some tens of milliseconds.
     *
     * @throws PlanDeskRefused it can't be computed, and why
     */
    JsonNode screen(PlanAsk ask);

    /**
     * The cheapest fleet of all combinations that keeps the objectives, and the others: up to some seconds.
     *
     * @throws PlanDeskRefused it can't be computed, or not in the time there is, and why
     */
    JsonNode search(PlanAsk ask);

    /**
     * Takes what a plan needs of a trace, and keeps it for a while: what {@code text} says is judged here, its size
     * before.
     *
     * @param name for people
     * @param text its lines, some mebibytes
     * @return what it is, with the {@code id} by which a {@link PlanAsk} names it
     * @throws PlanDeskRefused it can't be used: line, value and remedy
     */
    JsonNode trace(String name, String text);

    /**
     * The first fleet's cluster simulated message by message: seconds of a core.
     *
     * @throws PlanDeskRefused it can't be computed, or not in the time there is, and why
     */
    JsonNode simulate(PlanAsk ask);

    /**
     * The first fleet as what deploys it.
     *
     * @param target {@code helm}, {@code hocon} or {@code local-cluster}
     * @throws PlanDeskRefused it doesn't keep its objectives, or can't be computed, and why
     */
    String emit(PlanAsk ask, String target);

    /** The plan in force beside what was measured, for the last quarter of an hour. */
    JsonNode actual();

    /** Ends the watch. */
    @Override
    void close();
}
