package io.cheshire.planner.runtime.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.runtime.console.PlanAsk;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetOptions;
import io.cheshire.planner.protocol.plan.PlanObjectives;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The console's form as flags over a plan, and a plan as the form. Pure. */
final class PlanForm {
    private static final Map<String, String> NUMBERS = Map.of(
            "prompt", "workload.prompt",
            "output", "workload.output",
            "goodput", "objectives.goodput",
            "availability", "objectives.availability",
            "nodeCost", "costs.node",
            "routerCost", "costs.router");

    private static final Map<String, String> MS =
            Map.of("ttftP95Ms", "objectives.ttft-p95", "itlP99Ms", "objectives.itl-p99");

    private static final Map<String, String> COUNTS = Map.of(
            "nodes", "fleet.expert-nodes",
            "replicas", "fleet.replicas",
            "routers", "fleet.routers",
            "lanes", "fleet.lanes",
            "spares", "fleet.spares",
            "cells", "fleet.cells",
            "racks", "fleet.racks");

    private static final Map<String, String> WORDS = Map.of(
            "nodeClass", "fleet.node-class",
            "routerClass", "fleet.router-class",
            "survives", "objectives.survives",
            "failures", "failures.preset");

    /** The word that names an uploaded trace. */
    static final String TRACE = "trace";

    private PlanForm() {}

    /** Keys below {@code plan} and their values. */
    static Map<String, Object> flags(final PlanAsk ask) {
        final Map<String, Object> flags = new LinkedHashMap<>();
        ask.numbers().forEach((name, value) -> {
            final String key = NUMBERS.get(name);
            final String ms = MS.get(name);
            if (key != null) {
                flags.put(key, value);
            } else if (ms != null) {
                flags.put(ms, BigDecimal.valueOf(value).toPlainString() + "ms");
            }
        });
        final Double rate = ask.numbers().get("rate");
        if (rate != null) {
            // The form's rate is that of the busiest time, which is what the plan carries.
            flags.put("workload.rate", BigDecimal.valueOf(rate).toPlainString() + "/s");
            flags.put("workload.peak", 1);
        }
        final Double prefix = ask.numbers().get("prefixTokens");
        if (prefix != null) {
            flags.put("workload.prefix-sharing", prefix > 0 ? Map.of("fixed", Map.of("tokens", prefix)) : "none");
        }
        final Double alpha = ask.numbers().get("routingAlpha");
        if (alpha != null) {
            flags.put("workload.routing", alpha > 0 ? Map.of("zipf", Map.of("alpha", alpha)) : "uniform");
        }
        traced(ask, flags);
        ask.counts().forEach((name, values) -> {
            final String key = COUNTS.get(name);
            if (key != null) {
                flags.put(key, name.equals("racks") ? values.getFirst() : values);
            }
        });
        ask.words().forEach((name, word) -> {
            final String key = WORDS.get(name);
            if (key != null) {
                flags.put(key, word);
            }
        });
        return flags;
    }

    /** A trace has lengths, and knows which prompts begin alike. */
    private static void traced(final PlanAsk ask, final Map<String, Object> flags) {
        final String trace = ask.words().get(TRACE);
        if (trace != null) {
            flags.put("workload.trace", trace);
            flags.remove("workload.prompt");
            flags.remove("workload.output");
            flags.putIfAbsent("workload.prefix-sharing", "trace");
        }
    }

    /** What was asked, in one line for people. */
    static String words(final PlanAsk ask) {
        final Map<String, Object> all = new TreeMap<>(ask.numbers());
        all.putAll(ask.counts());
        all.putAll(ask.words());
        return "the console's page Planner, " + all;
    }

    /** A plan as the form has it: what can't be said there, as a trace, stays with the plan. */
    static ObjectNode shown(final CapacityPlan plan) {
        final ObjectNode form = JsonNodeFactory.instance.objectNode();
        form.put("rate", plan.load().requestsPerSecond());
        form.put("prompt", (double) Math.round(plan.load().lengths().meanPrompt()));
        form.put("output", (double) Math.round(plan.load().lengths().meanOutput()));
        final FleetOptions fleet = plan.fleet();
        counts(form.putArray("nodes"), fleet.nodes());
        counts(form.putArray("replicas"), fleet.replicas());
        counts(form.putArray("routers"), fleet.routers());
        counts(form.putArray("spares"), fleet.spares());
        counts(form.putArray("cells"), fleet.cells());
        form.putArray("racks").add(fleet.racks());
        form.put("nodeClass", plan.nodeClass().name());
        form.put("routerClass", plan.routerClass().name());
        final PlanObjectives asked = plan.objectives();
        if (Double.isFinite(asked.ttftP95Ms())) {
            form.put("ttftP95Ms", asked.ttftP95Ms());
        }
        if (Double.isFinite(asked.itlP99Ms())) {
            form.put("itlP99Ms", asked.itlP99Ms());
        }
        if (asked.availability() > 0) {
            form.put("availability", asked.availability());
        }
        form.put("survives", asked.survives().name().toLowerCase(Locale.ROOT));
        if (plan.costs().isGiven()) {
            form.put("nodeCost", plan.costs().node())
                    .put("routerCost", plan.costs().router());
        }
        return form;
    }

    private static void counts(final ArrayNode array, final List<Integer> values) {
        values.forEach(array::add);
    }
}
