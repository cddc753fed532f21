package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.experiment.protocol.ExperimentLoad;
import io.cheshire.chaos.experiment.protocol.FaultTarget;
import io.cheshire.chaos.experiment.protocol.FaultVerb;
import io.cheshire.chaos.experiment.protocol.PlannedFault;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads one entry of the timeline. */
final class FaultParser {
    private static final int MOST_UNITS = 512;
    private static final int MOST_LAYERS = 1024;
    private static final int MOST_EXPERTS = 1024;
    private static final int MOST_FACTOR = 1000;

    private FaultParser() {}

    static PlannedFault parse(final LocatedYaml yaml, final ExperimentCluster cluster, final ExperimentLoad load) {
        final Duration at = yaml.time("at");
        final FaultVerb kind = yaml.word("kind", FaultVerb.class);
        if (at == null || kind == null) {
            throw yaml.refuse((at == null ? "at" : "kind") + " is missing; write {at: 3s, kind: kill, target: ...}");
        }
        if (at.compareTo(load.duration()) >= 0) {
            throw yaml.refuse(
                    "at",
                    FileTimes.format(at) + " is after the load's end at " + FileTimes.format(load.duration())
                            + "; write less, or a longer load.duration");
        }
        final Duration lasting = yaml.time("for");
        if (kind.lasts() && (lasting == null || lasting.isZero())) {
            throw yaml.refuse(
                    "kind", kind.word() + " needs \"for\", the time after which it is taken back;" + " write for: 3s");
        }
        if (!kind.lasts() && lasting != null) {
            throw yaml.refuse("for", kind.word() + " is over at once and has no duration; leave \"for\" out");
        }
        final FaultTarget target = target(yaml, kind, cluster);
        final PlannedFault fault = new PlannedFault(
                at, kind, target, lasting, share(yaml, kind), delay(yaml, kind), factor(yaml, kind), units(yaml, kind));
        yaml.end();
        return fault;
    }

    private static double share(final LocatedYaml yaml, final FaultVerb kind) {
        final Double share = yaml.number("share", 0, 0.9);
        demand(yaml, "share", kind, FaultVerb.LOSS, share != null);
        return share == null ? 0 : share;
    }

    private static Duration delay(final LocatedYaml yaml, final FaultVerb kind) {
        final Duration delay = yaml.time("delay");
        demand(yaml, "delay", kind, FaultVerb.DELAY, delay != null);
        return delay == null ? Duration.ZERO : delay;
    }

    private static int factor(final LocatedYaml yaml, final FaultVerb kind) {
        final int factor = yaml.integer("factor", 2, MOST_FACTOR, 0);
        demand(yaml, "factor", kind, FaultVerb.SLOW_NODE, factor != 0);
        return factor;
    }

    private static int units(final LocatedYaml yaml, final FaultVerb kind) {
        final int units = yaml.integer("units", 1, MOST_UNITS, 0);
        demand(yaml, "units", kind, FaultVerb.MOVE, units != 0);
        return units;
    }

    /** A field that one kind needs and the others don't have. */
    private static void demand(
            final LocatedYaml yaml,
            final String name,
            final FaultVerb kind,
            final FaultVerb owner,
            final boolean isGiven) {
        if (isGiven && kind != owner) {
            throw yaml.refuse(name, kind.word() + " has none; it belongs to kind: " + owner.word());
        }
        if (!isGiven && kind == owner) {
            throw yaml.refuse("kind", kind.word() + " needs \"" + name + "\"; docs/experiments.md has examples");
        }
    }

    private static FaultTarget target(final LocatedYaml yaml, final FaultVerb kind, final ExperimentCluster cluster) {
        final LocatedYaml target = yaml.child("target");
        if (!kind.hasTarget()) {
            if (target != null) {
                throw yaml.refuse("target", kind.word() + " says itself to whom it is done; leave the target out");
            }
            return new FaultTarget.Nobody();
        }
        if (target == null) {
            throw yaml.refuse(
                    "kind",
                    kind.word() + " needs a target; write target: {node: 1}, {nodes: [1, 2]},"
                            + " {random: 1}, {rack: rack-0}, {role: coordinator}"
                            + " or {holder-of: {layer: 0, expert: 3}}");
        }
        final List<String> kinds = List.of("node", "nodes", "random", "rack", "role", "holder-of");
        if (kinds.stream().filter(target::has).count() > 1) {
            throw target.refuse("one target at a time; write another entry for the other");
        }
        final FaultTarget chosen = chosen(target, cluster);
        target.end();
        if (chosen == null) {
            throw target.refuse("it names nobody; write one of " + String.join(", ", kinds));
        }
        if (chosen instanceof final FaultTarget.Role role && !onProcesses(kind)) {
            throw target.refuse(
                    "role",
                    kind.word() + " is done to expert nodes, not to the "
                            + role.role().name().toLowerCase(Locale.ROOT)
                            + "; write node, nodes, random, rack or holder-of");
        }
        return chosen;
    }

    private static boolean onProcesses(final FaultVerb kind) {
        return kind == FaultVerb.KILL || kind == FaultVerb.STOP;
    }

    private static @Nullable FaultTarget chosen(final LocatedYaml target, final ExperimentCluster cluster) {
        final int nodes = cluster.nodes() == 0 ? ExperimentParser.MOST_NODES : cluster.nodes();
        if (target.has("node")) {
            return new FaultTarget.Nodes(List.of(target.integer("node", 0, nodes - 1, 0)));
        }
        if (target.has("nodes")) {
            final List<Integer> found = target.integers("nodes", 0, nodes - 1);
            if (found.isEmpty() || new HashSet<>(found).size() < found.size()) {
                throw target.refuse("nodes", "it must name at least one node, and none twice");
            }
            return new FaultTarget.Nodes(found);
        }
        if (target.has("random")) {
            return new FaultTarget.RandomNodes(target.integer("random", 1, nodes, 1));
        }
        if (target.has("rack")) {
            return new FaultTarget.Rack(target.requiredText("rack", "rack-0"));
        }
        if (target.has("role")) {
            final FaultTarget.ProcessRole role = target.word("role", FaultTarget.ProcessRole.class);
            return role == null ? null : new FaultTarget.Role(role);
        }
        final LocatedYaml unit = target.child("holder-of");
        if (unit == null) {
            return null;
        }
        final FaultTarget holder = new FaultTarget.HolderOf(
                unit.integer("layer", 0, MOST_LAYERS, 0), unit.integer("expert", 0, MOST_EXPERTS, 0));
        unit.end();
        return holder;
    }
}
