package io.cheshire.planner.runtime.replay;

import io.cheshire.planner.core.validation.PairedError;
import java.util.List;

/**
 * Measured and predicted, of the same requests.
 *
 * @param figures     of the whole run
 * @param pairs       request by request
 * @param assumptions what nobody measured
 */
record ReplayReport(
        int requests, String fidelity, long seed, List<Figure> figures, List<Pair> pairs, List<String> assumptions) {
    /** Tokens a second, or a time in ms; {@code error} is predicted less measured, as a share of measured. */
    record Figure(String name, double measured, double predicted, double low, double high, double error) {}

    /** One kind of time over all requests. */
    record Pair(String name, PairedError error) {}

    ReplayReport {
        figures = List.copyOf(figures);
        pairs = List.copyOf(pairs);
        assumptions = List.copyOf(assumptions);
    }
}
