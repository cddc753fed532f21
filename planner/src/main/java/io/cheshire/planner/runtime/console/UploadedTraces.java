package io.cheshire.planner.runtime.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.benchmarks.serve.core.ArrivalTrace;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.http.runtime.console.PlanDeskRefused;
import io.cheshire.planner.core.report.ShortHash;
import io.cheshire.planner.core.workload.TraceFigures;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What plans need of the traces that were uploaded of late: some kilobytes each, by an id that the same trace always
 * has. Nothing is written down. Safe from any thread.
 */
final class UploadedTraces {
    /** Those used longest ago are forgotten beyond. */
    static final int MOST_KEPT = 16;

    private static final int ID_DIGITS = 16;
    private static final String REMEDY =
            "; a trace is Azure's CSV (TIMESTAMP,ContextTokens,GeneratedTokens), BurstGPT's"
                    + " CSV, Mooncake's JSONL or a request file of bench serve: correct the line, or leave it out";

    private final Map<String, TraceFigures> kept = new LinkedHashMap<>(MOST_KEPT, 0.75f, true);

    /**
     * Reads a trace.
     *
     * @throws PlanDeskRefused naming line, value and remedy
     */
    ObjectNode add(final String name, final String text) {
        final TraceFigures figures = read(name, text);
        final String id = ShortHash.of(text.getBytes(StandardCharsets.UTF_8), ID_DIGITS);
        synchronized (kept) {
            kept.put(id, figures);
            if (kept.size() > MOST_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
        }
        return shown(id, figures);
    }

    private static TraceFigures read(final String name, final String text) {
        try (BufferedReader reader = new BufferedReader(new StringReader(text))) {
            return TraceFigures.of(name, ArrivalTrace.read(name, reader));
        } catch (final IOException | BenchException | IllegalArgumentException | ArithmeticException wrong) {
            throw new PlanDeskRefused(wrong.getMessage() + REMEDY);
        }
    }

    /**
     * What is known of a trace.
     *
     * @throws PlanDeskRefused it isn't here, or not any more
     */
    TraceFigures get(final String id) {
        synchronized (kept) {
            final TraceFigures found = kept.get(id);
            if (found == null) {
                throw new PlanDeskRefused("trace " + id + " isn't kept here, which the last " + MOST_KEPT
                        + " are until the router ends: upload it again");
            }
            return found;
        }
    }

    /** All that are kept. */
    ArrayNode shown() {
        final ArrayNode all = JsonNodeFactory.instance.arrayNode();
        synchronized (kept) {
            kept.forEach((id, figures) -> all.add(shown(id, figures)));
        }
        return all;
    }

    private static ObjectNode shown(final String id, final TraceFigures figures) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("name", figures.name())
                .put("requests", figures.requests())
                .put("perSecond", figures.arrivals().perSecond())
                .put("gapCv", figures.arrivals().gapCv())
                .put("busiest", figures.arrivals().busiest())
                .put("prompt", figures.lengths().meanPrompt())
                .put("output", figures.lengths().meanOutput())
                .put("longest", figures.lengths().longest())
                .put("prefixShare", figures.prefixShare());
    }
}
