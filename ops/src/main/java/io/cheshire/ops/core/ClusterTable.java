package io.cheshire.ops.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.coordinator.protocol.Epochs;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The state of a cluster, as {@code GET /admin/v1/cluster} gives it, as text for people. */
public final class ClusterTable {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final double MIB = 1 << 20;

    private ClusterTable() {}

    /** A few lines on the whole, then a line a node and a line a router. */
    public static String status(final JsonNode state) {
        final JsonNode health = state.path("health");
        final StringBuilder out = new StringBuilder();
        out.append(String.format(
                Locale.ROOT,
                "cluster %s, epoch %s, %s%s%n",
                state.path("clusterName").asText(),
                Epochs.text(state.path("epoch").asLong()),
                state.path("phase").asText(),
                health.path("atTarget").asBoolean() ? "" : ", on its way to another placement"));
        out.append(String.format(
                Locale.ROOT,
                "replicas %d; units without node %d, short of replicas %d%n",
                health.path("replicas").asInt(),
                state.path("unitsWithoutNode").size(),
                health.path("unitsShort").asInt()));
        survival(out, state.path("survival"));
        out.append(String.format(
                Locale.ROOT,
                "loaded %d units (%.1f MiB); last good round %s; balance (mean/max over nodes, worst layer) %.2f%n",
                health.path("unitsLoaded").asLong(),
                health.path("bytesLoaded").asLong() / MIB,
                age(health.path("roundAgeMs").asLong(-1)),
                worst(health.path("balancednessByLayer"))));
        if (!health.path("ready").asBoolean()) {
            out.append("coordinator NOT READY: ")
                    .append(health.path("notReadyBecause").asText())
                    .append(System.lineSeparator());
        }
        if (!state.path("complete").asBoolean()) {
            out.append("not heard in time: ").append(state.path("notFresh")).append(System.lineSeparator());
        }
        nodes(out, state.path("nodes"));
        domains(out, state.path("survival").path("domains"));
        routers(out, state.path("routers"));
        return out.toString();
    }

    private static void nodes(final StringBuilder out, final JsonNode nodes) {
        out.append(String.format(
                Locale.ROOT,
                "%n%5s %-9s %6s %8s %10s %12s %12s  %s%n",
                "node",
                "state",
                "units",
                "loading",
                "MiB",
                "rows",
                "shards",
                "address"));
        for (final JsonNode node : nodes) {
            out.append(String.format(
                    Locale.ROOT,
                    "%5d %-9s %6d %8d %10.1f %12d %12d  %s%s%n",
                    node.path("nodeId").asInt(),
                    node.path("state").asText(),
                    node.path("units").size(),
                    node.path("loading").size(),
                    node.path("residentBytes").asLong() / MIB,
                    node.path("rowsServed").asLong(),
                    node.path("shardsServed").asLong(),
                    node.path("address").asText(),
                    node.path("unused").asBoolean() ? "  (no router uses it)" : ""));
        }
    }

    private static void survival(final StringBuilder out, final JsonNode survival) {
        out.append(String.format(
                Locale.ROOT,
                "fewest holders of a unit %d; survives the loss of any one node: %s; any one rack: %s",
                survival.path("holdersMin").asInt(),
                yesNo(survival.path("anyNode").asBoolean()),
                yesNo(survival.path("anyDomain").asBoolean())));
        final int sharing = survival.path("unitsSharingDomain").asInt();
        if (sharing > 0) {
            out.append("; units whose copies share a rack ").append(sharing);
        }
        out.append(System.lineSeparator());
    }

    /** Only where a node names its rack: else each is one of its own, and the line above says all. */
    private static void domains(final StringBuilder out, final JsonNode domains) {
        if (domains.isEmpty() || isNodesOwn(domains.get(0))) {
            return;
        }
        out.append(String.format(
                Locale.ROOT, "%n%-20s %10s %14s  %s%n", "if lost: rack", "units gone", "with one left", "nodes"));
        for (final JsonNode domain : domains) {
            out.append(String.format(
                    Locale.ROOT,
                    "%-20s %10d %14d  %s%n",
                    domain.path("name").asText(),
                    domain.path("unitsLost").asInt(),
                    domain.path("unitsLeftWithOne").asInt(),
                    domain.path("nodes")));
        }
    }

    /** Domains with a name come first; that of a node's own holds a blank. */
    private static boolean isNodesOwn(final JsonNode domain) {
        return domain.path("name").asText().contains(" ");
    }

    private static String yesNo(final boolean yes) {
        return yes ? "yes" : "no";
    }

    private static void routers(final StringBuilder out, final JsonNode routers) {
        out.append(
                String.format(Locale.ROOT, "%n%6s %-9s %9s %6s  %s%n", "router", "state", "epoch", "ready", "address"));
        for (final JsonNode router : routers) {
            out.append(String.format(
                    Locale.ROOT,
                    "%6d %-9s %9s %6s  %s%n",
                    router.path("routerId").asInt(),
                    router.path("state").asText(),
                    Epochs.text(router.path("epoch").asLong()),
                    yesNo(router.path("ready").asBoolean()),
                    router.path("address").asText()));
        }
    }

    /** A line a decision, oldest first. */
    public static String events(final JsonNode state) {
        final StringBuilder out = new StringBuilder();
        for (final JsonNode event : state.path("events")) {
            out.append(String.format(
                    Locale.ROOT,
                    "%6d %s epoch %-9s %-13s %s%n",
                    event.path("sequence").asLong(),
                    TIME.format(Instant.ofEpochMilli(event.path("timeMs").asLong())),
                    Epochs.text(event.path("epoch").asLong()),
                    event.path("kind").asText(),
                    event.path("reason").asText()));
        }
        return out.toString();
    }

    private static String age(final long ageMs) {
        return ageMs < 0 ? "never" : String.format(Locale.ROOT, "%.1f s ago", ageMs / 1000.0);
    }

    private static double worst(final JsonNode balancedness) {
        double worst = 1;
        for (final JsonNode layer : balancedness) {
            worst = Math.min(worst, layer.asDouble(1));
        }
        return worst;
    }
}
