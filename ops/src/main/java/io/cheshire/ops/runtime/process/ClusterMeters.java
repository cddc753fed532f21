package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's figures as meters of a router's or a coordinator's process, asked for every few seconds. While no
 * coordinator answers, {@code cheshire_coordinator_up} is 0 and the others keep their last value. Safe from any thread.
 */
final class ClusterMeters {
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final double MS_PER_SECOND = 1e3;
    private static final double NS_PER_SECOND = 1e9;
    private static final List<String> NODE = List.of("node");

    private final AtomicReference<@Nullable ClusterState> last = new AtomicReference<>();
    private volatile boolean up;

    private ClusterMeters() {}

    /** Registers the meters and begins to ask. */
    static void bind(
            final Operations operations,
            final ClusterSystem cluster,
            final ActorRef<CoordinatorCommand> coordinator,
            final int layers) {
        final ClusterMeters meters = new ClusterMeters();
        meters.register(operations.registry(), layers);
        meters.redundancy(operations.registry());
        meters.perNode(operations.figures());
        cluster.every(
                INTERVAL,
                () -> cluster.clusterState(coordinator, TIMEOUT)
                        .whenComplete((state, failure) -> meters.answered(failure == null ? state : null)));
    }

    private void answered(final @Nullable ClusterState state) {
        up = state != null;
        if (state != null) {
            last.set(state);
        }
    }

    private void register(final MeterRegistry registry, final int layers) {
        Gauge.builder("cheshire.coordinator.up", this, meters -> meters.up ? 1 : 0)
                .description("Whether a coordinator answers")
                .register(registry);
        gauge(
                registry,
                "ready",
                "Whether the coordinator's ticks and its balancer are alive",
                state -> state.health().ready() ? 1 : 0);
        gauge(registry, "epoch", "Epoch published last", ClusterState::epoch);
        gauge(
                registry,
                "round.age.seconds",
                "Since every member had reported lately, every unit had a node and no load had failed; -1 before",
                state -> state.health().roundAgeMs() < 0 ? -1 : state.health().roundAgeMs() / MS_PER_SECOND);
        gauge(
                registry,
                "loaded.bytes",
                "Bytes of weights loaded by nodes since the coordinator started",
                state -> state.health().bytesLoaded());
        gauge(
                registry,
                "units.short",
                "Units on fewer nodes than they ought to have",
                state -> state.health().unitsShort());
        gauge(
                registry,
                "units.without.node",
                "Units that no node holds",
                state -> state.unitsWithoutNode().size());
        gauge(
                registry,
                "units.differing",
                "Copies of units that nodes hold and nobody may use: their bytes differ, or they answered differently",
                state -> state.sameness().unitsDiffering());
        gauge(
                registry,
                "units.refused",
                "Copies of units refused since the coordinator started, since their bytes differed",
                state -> state.sameness().unitsRefused());
        scrub(registry, "agreed", state -> state.sameness().scrubsAgreed());
        scrub(registry, "disagreed", state -> state.sameness().scrubsDisagreed());
        scrub(registry, "skipped", state -> state.sameness().scrubsSkipped());
        gauge(registry, "nodes", "Expert nodes", state -> state.nodes().size());
        for (int layer = 0; layer < layers; layer++) {
            final int of = layer;
            Gauge.builder(
                            "cheshire.coordinator.balancedness",
                            this,
                            meters -> meters.value(state ->
                                    of < state.health().balancednessByLayer().size()
                                            ? state.health()
                                                    .balancednessByLayer()
                                                    .get(of)
                                            : Double.NaN))
                    .tag("layer", Integer.toString(layer))
                    .description("Mean over nodes of the rows served lately by the most that one node served")
                    .register(registry);
        }
    }

    private void redundancy(final MeterRegistry registry) {
        Gauge.builder(
                        "cheshire.units.holders.min",
                        this,
                        meters -> meters.value(state -> state.survival().holdersMin()))
                .description("Nodes that hold the unit with the fewest of them")
                .register(registry);
        survives(registry, "node", state -> state.survival().anyNode() ? 1 : 0);
        survives(registry, "rack", state -> state.survival().anyDomain() ? 1 : 0);
        Gauge.builder(
                        "cheshire.moves.active",
                        this,
                        meters -> meters.value(state -> state.nodes().stream()
                                .mapToInt(node -> node.loading().size())
                                .sum()))
                .description("Units that nodes were told to load and haven't answered for")
                .register(registry);
        FunctionCounter.builder(
                        "cheshire.moves.bytes",
                        this,
                        meters -> meters.count(state -> state.health().bytesLoaded()))
                .description("Bytes of weights loaded by nodes since the coordinator started")
                .register(registry);
    }

    /** Nodes as the coordinator knows them, for those who can't ask the nodes themselves. */
    private void perNode(final LiveFigures figures) {
        node(figures, "ready", "Whether a node serves", node -> node.state() == NodeState.SERVING ? 1 : 0);
        node(figures, "units", "Units that a node holds", node -> node.units().size());
        node(
                figures,
                "loading",
                "Units that a node was told to load",
                node -> node.loading().size());
        node(figures, "weights_bytes", "Weights that a node holds", ClusterState.NodeView::residentBytes);
        node(figures, "limit_bytes", "Weights that a node may hold", ClusterState.NodeView::memoryLimitBytes);
        worked(figures, "rows", "Rows that a node answered with a result", ClusterState.NodeView::rowsServed);
        worked(
                figures,
                "queue_seconds",
                "Time that shards waited in a node, together",
                node -> node.queueNs() / NS_PER_SECOND);
        worked(
                figures,
                "compute_seconds",
                "Time that a node's kernels computed",
                node -> node.computeNs() / NS_PER_SECOND);
    }

    private void node(
            final LiveFigures figures,
            final String name,
            final String help,
            final ToDoubleFunction<ClusterState.NodeView> figure) {
        figures.gauge("cheshire_coordinator_node_" + name, help, NODE, rows -> each(rows, figure));
    }

    private void worked(
            final LiveFigures figures,
            final String name,
            final String help,
            final ToDoubleFunction<ClusterState.NodeView> figure) {
        figures.counter("cheshire_coordinator_node_" + name, help, NODE, rows -> each(rows, figure));
    }

    private void each(final LiveFigures.Rows rows, final ToDoubleFunction<ClusterState.NodeView> figure) {
        final ClusterState state = last.get();
        if (state != null) {
            state.nodes().forEach(node -> rows.add(figure.applyAsDouble(node), Integer.toString(node.nodeId())));
        }
    }

    private double count(final ToDoubleFunction<ClusterState> figure) {
        final ClusterState state = last.get();
        return state == null ? 0 : figure.applyAsDouble(state);
    }

    private void survives(
            final MeterRegistry registry, final String scope, final ToDoubleFunction<ClusterState> figure) {
        Gauge.builder("cheshire.survives", this, meters -> meters.value(figure))
                .tag("scope", scope)
                .description("Whether every unit keeps a holder whichever node, or whichever failure domain, is lost")
                .register(registry);
    }

    private void scrub(
            final MeterRegistry registry, final String outcome, final ToDoubleFunction<ClusterState> figure) {
        Gauge.builder("cheshire.scrub.comparisons", this, meters -> meters.value(figure))
                .tag("outcome", outcome)
                .description(
                        "Comparisons of what the copies of a unit answer to one row, since the coordinator started")
                .register(registry);
    }

    private void gauge(
            final MeterRegistry registry,
            final String name,
            final String description,
            final ToDoubleFunction<ClusterState> figure) {
        Gauge.builder("cheshire.coordinator." + name, this, meters -> meters.value(figure))
                .description(description)
                .register(registry);
    }

    private double value(final ToDoubleFunction<ClusterState> figure) {
        final ClusterState state = last.get();
        return state == null ? Double.NaN : figure.applyAsDouble(state);
    }
}
