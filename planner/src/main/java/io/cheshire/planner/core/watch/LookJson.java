package io.cheshire.planner.core.watch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.planner.core.screen.PredictionInterval;
import java.util.OptionalDouble;

/** A look as JSON. What isn't known, or has no end, is null; times are ms, rates requests a second. */
public final class LookJson {
    private LookJson() {}

    public static ObjectNode of(final Look look) {
        final ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("verdict", look.verdict().name());
        root.put("words", WatchText.of(look));
        number(root, "seconds", look.seen().seconds());
        number(root, "requests", look.seen().requests());
        number(root, "rate", look.seen().load().rate());
        number(root, "planned_rate", look.share() * look.atPlan().perSecond());
        number(root, "knee_rate", look.share() * look.atActual().knee().mid());
        final ArrayNode assumptions = root.putArray("assumptions");
        look.assumptions().forEach(each -> {
            final ObjectNode node = assumptions.addObject().put("name", each.name());
            number(node, "planned", each.planned());
            number(node, "low", each.low());
            number(node, "high", each.high());
            number(node, "actual", each.actual());
            number(node, "ratio", each.ratio());
            node.put("holds", each.holds()).put("words", each.words());
        });
        final ObjectNode predicted = root.putObject("predicted");
        interval(predicted, "itl_mean_ms", look.atActual().bands().itlMeanMs());
        interval(predicted, "itl_p99_ms", look.atActual().bands().itlP99Ms());
        interval(predicted, "ttft_p95_ms", look.atActual().bands().ttftP95Ms());
        final ObjectNode actual = root.putObject("actual");
        number(actual, "itl_mean_ms", look.seen().times().itlMeanMs());
        number(actual, "itl_p99_ms", look.seen().times().itlP99Ms());
        number(actual, "ttft_p95_ms", look.seen().times().ttftP95Ms());
        return root;
    }

    static void interval(final ObjectNode node, final String name, final PredictionInterval interval) {
        final ObjectNode found = node.putObject(name);
        number(found, "low", interval.low());
        number(found, "mid", interval.mid());
        number(found, "high", interval.high());
    }

    static void number(final ObjectNode node, final String name, final OptionalDouble value) {
        number(node, name, value.orElse(Double.NaN));
    }

    static void number(final ObjectNode node, final String name, final double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }
}
