package io.cheshire.http.core.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.router.core.exchange.NodeHealth;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The cluster's state as the console's pages read it: what the coordinator says, rates of late in place of counters,
 * and whether every unit would outlive a node. What isn't known is null, never zero.
 */
public final class ClusterPicture {
    /** More than a screen shows. */
    private static final int MOST_EVENTS = 60;
    /** A chart shows no more digits. */
    private static final int DIGITS = 4;

    private static final double NS_PER_SECOND = 1e9;

    private ClusterPicture() {}

    /** Adds the parts of a picture. */
    public static void addTo(final ObjectNode picture, final ClusterState state, final ServedRates rates) {
        final Placement placement = state.placement();
        picture.put("cluster", state.clusterName());
        picture.put("model", state.modelFingerprint());
        picture.put("phase", state.phase());
        picture.put("epoch", state.epoch());
        picture.put("epochText", Epochs.text(state.epoch()));
        picture.put("expectedNodes", state.expectedNodes());
        picture.put("experts", placement.expertsPerLayer());
        picture.put("layers", placement.nodesByUnit().size() / placement.expertsPerLayer());
        picture.putArray("notFresh").addAll(texts(state.notFresh()));
        safety(picture.putObject("safety"), state);
        health(picture.putObject("health"), state);
        nodes(picture.putArray("nodes"), state, rates);
        routers(picture.putArray("routers"), state);
        final ArrayNode holders = picture.putArray("nodesByUnit");
        placement.nodesByUnit().forEach(nodes -> nodes.forEach(holders.addArray()::add));
        units(picture.putObject("units"), placement.nodesByUnit().size(), rates);
        events(picture.putArray("events"), state.events());
    }

    /** Whether anything would be lost with a node. */
    private static void safety(final ObjectNode into, final ClusterState state) {
        final Set<Integer> members = new HashSet<>();
        state.nodes().forEach(node -> members.add(node.nodeId()));
        final long alone = state.placement().nodesByUnit().stream()
                .filter(holders -> holders.stream().filter(members::contains).count() == 1)
                .count();
        final ClusterState.Survival survival = state.survival();
        into.put("unitsWithoutNode", state.unitsWithoutNode().size());
        into.put("unitsShort", state.health().unitsShort());
        into.put("unitsOnOneNode", alone);
        into.put("leastHolders", survival.holdersMin());
        into.put("survivesAnyNode", survival.anyNode());
        if (survival.domains().stream().anyMatch(domain -> domain.nodes().size() > 1)) {
            into.put("survivesAnyDomain", survival.anyDomain());
        }
        into.put("replicas", state.health().replicas());
        into.put("unitsDiffering", state.sameness().unitsDiffering());
        into.put("scrubsAgreed", state.sameness().scrubsAgreed());
        into.put("scrubsDisagreed", state.sameness().scrubsDisagreed());
    }

    private static void health(final ObjectNode into, final ClusterState state) {
        final ClusterState.Health health = state.health();
        into.put("ready", health.ready());
        into.put("notReadyBecause", health.notReadyBecause());
        into.put("atTarget", health.atTarget());
        into.put("roundAgeMs", health.roundAgeMs());
        into.put("unitsLoaded", health.unitsLoaded());
        into.put("bytesLoaded", health.bytesLoaded());
        final ArrayNode balancedness = into.putArray("balancedness");
        health.balancednessByLayer().forEach(value -> add(balancedness, value));
    }

    private static void nodes(final ArrayNode into, final ClusterState state, final ServedRates rates) {
        for (final ClusterState.NodeView node : state.nodes()) {
            final ObjectNode one = into.addObject();
            one.put("id", node.nodeId());
            one.put("incarnation", Long.toHexString(node.incarnation()));
            one.put("state", node.state().name());
            one.put("unused", node.unused());
            one.put("address", node.address());
            one.put("channel", node.channel());
            one.put("units", node.units().size());
            one.putArray("loading")
                    .addAll(keys(node.loading(), state.placement().expertsPerLayer()));
            one.put("residentBytes", node.residentBytes());
            one.put("memoryLimitBytes", node.memoryLimitBytes());
            one.put("deviceHealth", node.deviceHealth());
            one.put("rowsServed", node.rowsServed());
            one.put("shardsServed", node.shardsServed());
            final ServedRates.Rate rate = rates.byNode().get(node.nodeId());
            put(one, "rows", rate == null ? Double.NaN : rate.rowsPerSecond());
            put(one, "queueSeconds", rate == null ? Double.NaN : rate.queueSeconds());
            put(one, "busy", rate == null ? Double.NaN : rate.busy());
        }
    }

    private static void routers(final ArrayNode into, final ClusterState state) {
        for (final ClusterState.RouterView router : state.routers()) {
            final ObjectNode one = into.addObject();
            one.put("id", router.routerId());
            one.put("state", router.state().name());
            one.put("address", router.address());
            one.put("epochText", Epochs.text(router.epoch()));
            one.put("ready", router.ready());
            one.put("rows", sum(router.rowsByLayer()));
            one.put("open", sum(router.answerRows().open()));
            one.put("givenUp", sum(router.answerRows().givenUp()));
            one.put("lost", sum(router.answerRows().lost()));
            one.put("unused", sum(router.answerRows().unused()));
        }
    }

    private static void units(final ObjectNode into, final int count, final ServedRates rates) {
        final ArrayNode rows = into.putArray("rows");
        final ArrayNode queue = into.putArray("queueSeconds");
        final ArrayNode busy = into.putArray("busy");
        for (int unit = 0; unit < count; unit++) {
            final ServedRates.Rate rate = rates.byUnit().get(unit);
            add(rows, rate == null ? Double.NaN : rate.rowsPerSecond());
            add(queue, rate == null ? Double.NaN : rate.queueSeconds());
            add(busy, rate == null ? Double.NaN : rate.busy());
        }
    }

    private static void events(final ArrayNode into, final List<ClusterEvent> events) {
        for (final ClusterEvent event : events.subList(Math.max(0, events.size() - MOST_EVENTS), events.size())) {
            into.addObject()
                    .put("sequence", event.sequence())
                    .put("timeMs", event.timeMs())
                    .put("epochText", Epochs.text(event.epoch()))
                    .put("kind", event.kind().name())
                    .put("reason", event.reason());
        }
    }

    /** Figures for the history: a few of each node and layer. */
    public static void gauges(final Map<String, Double> gauges, final ClusterState state, final ServedRates rates) {
        gauges.put("nodes", (double) state.nodes().size());
        gauges.put("units.short", (double) state.health().unitsShort());
        gauges.put("units.without.node", (double) state.unitsWithoutNode().size());
        rates.byNode().forEach((nodeId, rate) -> {
            gauges.put("node." + nodeId + ".rows", rate.rowsPerSecond());
            gauges.put("node." + nodeId + ".busy", rate.busy());
            gauges.put("node." + nodeId + ".queue", rate.queueSeconds());
        });
        final List<Double> balancedness = state.health().balancednessByLayer();
        for (int layer = 0; layer < balancedness.size(); layer++) {
            gauges.put("balancedness." + layer, balancedness.get(layer));
        }
    }

    /** Nodes as this router sees them. */
    public static void links(final ArrayNode into, final List<NodeHealth> links) {
        for (final NodeHealth link : links) {
            final ObjectNode one = into.addObject();
            one.put("node", link.nodeId());
            one.put("connected", link.connected());
            one.put("suspect", link.suspect());
            one.put("slow", link.slow());
            one.put("openRows", link.openRows());
            one.put("overdue", link.overdue());
            put(one, "deadlineSeconds", link.deadlineNs() / NS_PER_SECOND);
            put(one, "slowness", link.slowness());
        }
    }

    /** Values of one figure; what isn't known is null. */
    public static void values(final ArrayNode into, final List<Double> values) {
        for (final double value : values) {
            add(into, value);
        }
    }

    /** Figures by name; what isn't known is null. */
    public static void figures(final ObjectNode into, final Map<String, Double> figures) {
        figures.forEach((name, value) -> put(into, name, value));
    }

    private static ArrayNode texts(final Collection<String> texts) {
        final ArrayNode array = JsonNodeFactory.instance.arrayNode();
        texts.forEach(array::add);
        return array;
    }

    private static ArrayNode keys(final List<ExpertKey> keys, final int experts) {
        final ArrayNode array = JsonNodeFactory.instance.arrayNode();
        keys.forEach(key -> array.add(key.unitIndex(experts)));
        return array;
    }

    private static void put(final ObjectNode into, final String name, final double value) {
        if (Double.isFinite(value)) {
            into.put(name, short4(value));
        } else {
            into.putNull(name);
        }
    }

    private static void add(final ArrayNode into, final double value) {
        if (Double.isFinite(value)) {
            into.add(short4(value));
        } else {
            into.addNull();
        }
    }

    /** Whole numbers stay as they are; others lose digits that nobody sees. */
    private static double short4(final double value) {
        if (value == Math.rint(value)) {
            return value;
        }
        final double scale = Math.pow(10, DIGITS - 1 - Math.floor(Math.log10(Math.abs(value))));
        return Math.rint(value * scale) / scale;
    }

    private static long sum(final List<Long> values) {
        return values.stream().mapToLong(Long::longValue).sum();
    }
}
