package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.expertnode.core.NodeGlance;
import io.cheshire.ops.runtime.BuildInfo;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/** Figures of the expert nodes of this process: one, or all where it is the whole cluster. */
final class NodeMeters {
    private static final double NS_PER_SECOND = 1e9;
    private static final List<String> NODE = List.of("node");
    private static final List<String> UNIT = List.of("layer", "expert", "node");

    private final LiveFigures figures;
    private final List<ExpertNodeRole> nodes;

    private NodeMeters(final LiveFigures figures, final List<ExpertNodeRole> nodes) {
        this.figures = figures;
        this.nodes = nodes;
    }

    /**
     * Registers them.
     *
     * @param device  on which the nodes compute, in a few words
     * @param perUnit also rows and times of each unit
     */
    static void bind(
            final LiveFigures figures, final List<ExpertNodeRole> nodes, final String device, final boolean perUnit) {
        final NodeMeters meters = new NodeMeters(figures, List.copyOf(nodes));
        meters.state(device);
        meters.work();
        if (perUnit) {
            meters.units();
        }
    }

    private void state(final String device) {
        figures.gauge(
                "cheshire_node_info",
                "What an expert node is; always 1",
                List.of("node", "version", "device", "rack"),
                rows -> each(node -> rows.add(1, node.id(), BuildInfo.own().version(), device, node.rack())));
        figures.gauge(
                "cheshire_node_ready",
                "Whether a node serves all that it is to serve in a cluster that is steady",
                NODE,
                rows -> each(node -> rows.add(node.notReady() == null ? 1 : 0, node.id())));
        figures.gauge(
                "cheshire_node_units",
                "Units of a node: held, loading (or waiting for it), freeing",
                List.of("node", "state"),
                rows -> each(node -> {
                    final NodeGlance glance = node.glance();
                    rows.add(glance.held().size(), node.id(), "held");
                    rows.add(glance.loading().size(), node.id(), "loading");
                    rows.add(glance.freeing().size(), node.id(), "freeing");
                }));
        figures.gauge(
                "cheshire_node_memory_bytes",
                "Memory of a node: weights that are there, and the limit for them",
                List.of("node", "kind"),
                rows -> each(node -> {
                    rows.add((double) node.residentBytes(), node.id(), "weights");
                    rows.add((double) node.memoryLimitBytes(), node.id(), "limit");
                }));
        figures.gauge(
                "cheshire_node_busy_ratio",
                "Share of the last seconds in which a node's kernels computed",
                NODE,
                rows -> each(node -> rows.add(node.busyRatio(), node.id())));
    }

    private void work() {
        sum("cheshire_node_rows", "Rows answered with a result", UnitLoad::rowsServed);
        sum("cheshire_node_shards", "Shards answered with a result", UnitLoad::shardsServed);
        sum(
                "cheshire_node_queue_seconds",
                "Time that shards waited in a node, together",
                load -> load.queueNs() / NS_PER_SECOND);
        sum(
                "cheshire_node_compute_seconds",
                "Time that a node's kernels computed",
                load -> load.computeNs() / NS_PER_SECOND);
    }

    private void sum(final String name, final String help, final ToDoubleFunction<UnitLoad> figure) {
        figures.counter(
                name,
                help,
                NODE,
                rows -> each(node ->
                        rows.add(node.loads().stream().mapToDouble(figure).sum(), node.id())));
    }

    private void units() {
        unit("cheshire_unit_rows", "Rows of a unit answered with a result", UnitLoad::rowsServed);
        unit(
                "cheshire_unit_queue_seconds",
                "Time that shards of a unit waited, together",
                load -> load.queueNs() / NS_PER_SECOND);
        unit(
                "cheshire_unit_compute_seconds",
                "Time that a unit's kernels computed",
                load -> load.computeNs() / NS_PER_SECOND);
    }

    private void unit(final String name, final String help, final ToDoubleFunction<UnitLoad> figure) {
        figures.counter(
                name,
                help,
                UNIT,
                rows -> each(node -> node.loads()
                        .forEach(load -> rows.add(
                                figure.applyAsDouble(load),
                                Integer.toString(load.layer()),
                                Integer.toString(load.expert()),
                                node.id()))));
    }

    private void each(final Consumer<ExpertNodeRole> read) {
        nodes.forEach(read);
    }
}
