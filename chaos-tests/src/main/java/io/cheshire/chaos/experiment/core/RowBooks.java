package io.cheshire.chaos.experiment.core;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Rows by both sides' books, as {@code GET /admin/v1/cluster} shows them: docs/operations.md has the equation. Pure.
 */
public final class RowBooks {
    private static final int EXPERTS_PER_TOKEN = 2;

    private RowBooks() {}

    /** Rows that a router still awaits, over all routers. */
    public static long open(final JsonNode cluster) {
        return sum(cluster, "open");
    }

    private static long sum(final JsonNode cluster, final String name) {
        long rows = 0;
        for (final JsonNode router : cluster.path("routers")) {
            for (final JsonNode layer : router.path("answerRows").path(name)) {
                rows += layer.longValue();
            }
        }
        return rows;
    }

    /**
     * What is wrong with them; empty when nothing is.
     *
     * @param allLived no node and no router was killed: else one side died with it and only open rows can be told
     */
    public static String problem(final JsonNode cluster, final boolean allLived) {
        final long open = open(cluster);
        if (open != 0) {
            return open + " rows are awaited still";
        }
        if (!allLived) {
            return "";
        }
        long computed = 0;
        for (final JsonNode router : cluster.path("routers")) {
            for (final JsonNode layer : router.path("rowsByLayer")) {
                computed += layer.longValue();
            }
        }
        long served = 0;
        for (final JsonNode node : cluster.path("nodes")) {
            for (final JsonNode unit : node.path("loads")) {
                served += unit.path("rowsServed").longValue();
            }
        }
        final long due = EXPERTS_PER_TOKEN * computed - sum(cluster, "givenUp") + sum(cluster, "unused");
        final long lost = sum(cluster, "lost");
        return served >= due && served <= due + lost
                ? ""
                : "nodes served " + served + " rows, and by the routers' books it is " + due + " and up to " + lost
                        + " more";
    }
}
