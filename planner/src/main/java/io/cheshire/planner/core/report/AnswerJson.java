package io.cheshire.planner.core.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.planner.core.failure.Availability;
import io.cheshire.planner.core.screen.MemoryBudget;
import io.cheshire.planner.core.screen.PredictionInterval;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.core.search.Candidate;
import io.cheshire.planner.core.search.Tornado;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** An answer as {@code plan.json}. Figures without end are null; times are ms, rates requests a second. */
public final class AnswerJson {
    public static final int VERSION = 1;
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private AnswerJson() {}

    /** The whole file. */
    public static String of(final PlanAnswer answer) {
        final ObjectNode root = tree(answer);
        try {
            return JSON.writeValueAsString(root) + "\n";
        } catch (final IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** The same as a tree. */
    public static ObjectNode tree(final PlanAnswer answer) {
        final ObjectNode root = JSON.createObjectNode();
        root.put("format", VERSION).put("seed", answer.seed()).put("command", answer.command());
        root.put("keeps", answer.chosen().keeps()).put("assumed", answer.plan().isAssumed());
        root.put("model", answer.plan().model().name())
                .put("load", answer.plan().load().source());
        root.putObject("costs")
                .put("nodes", AccuracyTables.title(answer.plan().nodeClass()))
                .put("routers", AccuracyTables.title(answer.plan().routerClass()));
        texts(root.putArray("verdict"), VerdictWords.of(answer.plan(), answer.chosen()));
        texts(root.putArray("assumptions"), answer.plan().assumptions());
        root.set("chosen", candidate(answer.chosen()));
        final ArrayNode parts = root.putArray("waterfall");
        VerdictWords.waterfall(
                        answer.chosen().screen().step(),
                        answer.plan().model().shape().layerCount())
                .forEach(part -> {
                    final ObjectNode node = parts.addObject().put("part", part.name());
                    number(node, "ms", part.ms());
                });
        answer.sweep().forEach(each -> root.withArray("/sweep").add(screen(each)));
        answer.growth().forEach(each -> root.withArray("/growth").add(screen(each)));
        answer.ranked().forEach(each -> root.withArray("/candidates").add(candidate(each)));
        answer.front().forEach(each -> root.withArray("/pareto").add(candidate(each)));
        final ArrayNode bars = root.putArray("sensitivity");
        answer.tornado().forEach(bar -> {
            final ObjectNode node = bars.addObject().put("assumption", bar.what());
            effect(node.putObject("less"), bar.less());
            effect(node.putObject("more"), bar.more());
        });
        final ArrayNode spares = root.putArray("spares");
        answer.spares().forEach(row -> {
            final ObjectNode node = spares.addObject();
            node.put("replicas", row.replicas()).put("spares", row.spares());
            node.put("apart", row.apart().name()).put("fits", row.fits());
            number(node, "share", row.share());
            number(node, "seconds_a_year", row.secondsAYear());
            node.put("survives_any_rack", row.survivesAnyRack());
        });
        final ArrayNode moments = root.putArray("timeline");
        answer.timeline().forEach(moment -> {
            final ObjectNode node = moments.addObject().put("what", moment.what());
            number(node, "at_seconds", moment.atSeconds());
            number(node, "carried", moment.carried());
        });
        return root.put("looked_at", answer.lookedAt());
    }

    private static void texts(final ArrayNode array, final Iterable<String> texts) {
        texts.forEach(array::add);
    }

    private static void number(final ObjectNode node, final String name, final double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }

    private static void interval(final ObjectNode node, final String name, final PredictionInterval interval) {
        final ObjectNode found = node.putObject(name);
        number(found, "low", interval.low());
        number(found, "mid", interval.mid());
        number(found, "high", interval.high());
    }

    private static void effect(final ObjectNode node, final Tornado.Effect effect) {
        number(node, "headroom", effect.headroom());
        number(node, "itl_mean_ms", effect.itlMeanMs());
        number(node, "attained", effect.attained());
    }

    private static ObjectNode candidate(final Candidate candidate) {
        final ObjectNode node = screen(candidate.screen());
        number(node, "price", candidate.price());
        node.put("keeps", candidate.keeps());
        texts(node.putArray("misses"), candidate.misses());
        availability(node, candidate.availability());
        return node;
    }

    private static void availability(final ObjectNode node, final @Nullable Availability found) {
        if (found == null) {
            node.putNull("availability");
            return;
        }
        final ObjectNode own = node.putObject("availability");
        number(own, "share", found.share());
        number(own, "attained", found.attained());
        number(own, "without_holder_seconds_a_year", found.lost().withoutHolder());
        number(own, "gap_seconds_a_year", found.lost().gaps());
        number(own, "too_slow_seconds_a_year", found.lost().tooSlow());
        number(own, "node_failures_a_year", found.nodeFailures());
        number(own, "second_failure_years", found.secondYears());
        own.put("survives_any_node", found.survives().anyNode());
        own.put("survives_any_rack", found.survives().anyRack());
        final ArrayNode states = own.putArray("states");
        found.states().forEach(state -> {
            final ObjectNode each = states.addObject().put("away", state.away()).put("left", state.nodesLeft());
            number(each, "probability", state.probability());
            number(each, "knee", state.knee());
        });
    }

    private static ObjectNode screen(final ScreenResult found) {
        final ObjectNode node = JSON.createObjectNode();
        final FleetShape fleet = found.fleet();
        node.putObject("fleet")
                .put("cells", fleet.cells())
                .put("nodes", fleet.nodes())
                .put("replicas", fleet.replicas())
                .put("routers", fleet.routers())
                .put("lanes", fleet.lanes())
                .put("spares", fleet.spares());
        number(node, "requests_per_second", found.perSecond());
        node.put("state", found.state().name())
                .put("bottleneck", found.bottleneck().id());
        interval(node, "knee", found.knee());
        interval(node, "saturation", found.saturation());
        number(node, "ttft_p50_ms", found.latency().ttftMs().p50());
        interval(node, "ttft_p95_ms", found.bands().ttftP95Ms());
        number(node, "ttft_p99_ms", found.latency().ttftMs().p99());
        interval(node, "itl_mean_ms", found.bands().itlMeanMs());
        interval(node, "itl_p99_ms", found.bands().itlP99Ms());
        number(node, "e2e_mean_ms", found.latency().e2eMs());
        interval(node, "goodput", found.bands().goodput());
        number(node, "node_busy", found.use().nodeBusy());
        number(node, "router_busy", found.use().routerBusy());
        number(node, "kv_share", found.use().kvShare());
        number(node, "running_per_lane", found.use().running());
        node.put("fits", found.fits());
        final ObjectNode memory = node.putObject("memory");
        parts(memory.putObject("node"), found.memory().node());
        parts(memory.putObject("router"), found.memory().router());
        number(memory, "kv_tokens", found.memory().kvTokens());
        number(memory, "host", found.memory().hostBytes());
        texts(node.putArray("outside"), found.outside());
        return node;
    }

    private static void parts(final ObjectNode node, final MemoryBudget.Parts parts) {
        number(node, "weights", parts.weights());
        number(node, "copies", parts.copies());
        number(node, "workspace", parts.workspace());
        number(node, "kv", parts.kv());
        number(node, "free", parts.free());
        number(node, "limit", parts.limit());
    }
}
