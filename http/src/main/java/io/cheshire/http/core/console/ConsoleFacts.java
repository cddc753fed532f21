package io.cheshire.http.core.console;

import io.cheshire.router.core.exchange.NodeHealth;
import java.util.List;
import java.util.Map;

/**
 * What the console shows of its router's process beside the cluster's state. Every method is safe from any thread and
 * never blocks.
 */
public interface ConsoleFacts {
    /** Of a process of which nothing more is known. */
    ConsoleFacts NONE = new ConsoleFacts() {
        @Override
        public List<NodeHealth> links() {
            return List.of();
        }

        @Override
        public List<Setting> settings() {
            return List.of();
        }

        @Override
        public List<Fact> about() {
            return List.of();
        }
    };

    /** Nodes as this router sees them. */
    List<NodeHealth> links();

    /**
     * Adds what was counted so far beside the meters: layers whose last answer came from a node, under {@code
     * last.NODE}, and waits for layers by steps ({@link LatencySteps}), under {@code layerwait}.
     */
    default void counted(final Map<String, Double> counters) {}

    /** Settings in force; secrets are masked already. */
    List<Setting> settings();

    /** What runs, in the order in which it is shown. */
    List<Fact> about();

    /**
     * One setting.
     *
     * @param key       its full name
     * @param value     in force, or what stands for a secret
     * @param origin    where it comes from, for people
     * @param isDefault nobody set it
     */
    record Setting(String key, String value, String origin, boolean isDefault) {}

    /** One thing to know. */
    record Fact(String name, String value) {}
}
