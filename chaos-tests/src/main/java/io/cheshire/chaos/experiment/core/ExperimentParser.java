package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.AbortRule;
import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster.Kind;
import io.cheshire.chaos.experiment.protocol.ExperimentLimits;
import io.cheshire.chaos.experiment.protocol.ExperimentLoad;
import io.cheshire.chaos.experiment.protocol.Hypothesis;
import io.cheshire.chaos.experiment.protocol.PlannedFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads an experiment file. What it doesn't understand or what can't be is refused with line, column and remedy: a
 * field that is
 * ignored would be a fault that nobody notices missing.
 */
public final class ExperimentParser {
    /** Nodes that a cluster may have. */
    static final int MOST_NODES = 64;

    private static final int MOST_COPIES = 8;
    private static final int MOST_ROUTERS = 4;
    private static final int MOST_STREAMS = 1000;
    private static final double MOST_RATE = 1000;
    private static final int MOST_TOKENS = 4096;
    private static final Duration LONGEST = Duration.ofMinutes(60);

    private ExperimentParser() {}

    /**
     * Reads one.
     *
     * @param file its name, for refusals
     * @param text what stands in it
     * @param on   what the command line says that it runs on instead, or null
     * @throws ExperimentRefused where anything is wrong
     */
    public static Experiment parse(final String file, final String text, final @Nullable Kind on) {
        final LocatedYaml yaml = LocatedYaml.of(file, text);
        final String name = yaml.requiredText("name", "one node killed");
        final String description = Objects.requireNonNullElse(yaml.text("description"), "");
        final long seed = yaml.longInteger("seed", 0, Long.MAX_VALUE, 1);
        final ExperimentLoad load = load(required(yaml, "load"));
        final ExperimentCluster cluster = cluster(required(yaml, "cluster"), on);
        final ExperimentLimits limits = limits(yaml.child("limits"), load);
        final List<PlannedFault> faults = faults(yaml, cluster, load);
        final Hypothesis hypothesis = hypothesis(required(yaml, "hypothesis"));
        final AbortRule abort = abort(yaml.child("abort"));
        yaml.end();
        return new Experiment(name, description, seed, load, cluster, faults, hypothesis, limits, abort);
    }

    /** The same text as maps, lists and words, for forms: of one that {@link #parse} has read. */
    public static Object plain(final String file, final String text) {
        return YamlText.plain(file, text);
    }

    private static LocatedYaml required(final LocatedYaml yaml, final String name) {
        final LocatedYaml child = yaml.child(name);
        if (child == null) {
            throw yaml.refuse(name + " is missing; docs/experiments.md says what stands in it");
        }
        return child;
    }

    private static ExperimentLoad load(final LocatedYaml yaml) {
        final int streams = yaml.integer("streams", 1, MOST_STREAMS, 0);
        final Double rate = yaml.number("rate", 0.01, MOST_RATE);
        if ((streams == 0) == (rate == null)) {
            throw yaml.refuse(
                    "give either streams (so many at once) or rate (so many begin each second), and not both");
        }
        final Duration duration = Objects.requireNonNullElse(yaml.time("duration"), Duration.ofSeconds(10));
        if (duration.compareTo(Duration.ofSeconds(1)) < 0 || duration.compareTo(LONGEST) > 0) {
            throw yaml.refuse("duration", FileTimes.format(duration) + " is out of range; write 1s to 60m");
        }
        final ExperimentLoad load = new ExperimentLoad(
                streams,
                rate,
                yaml.integer("prompt-tokens", 1, MOST_TOKENS, 12),
                yaml.integer("answer-tokens", 2, MOST_TOKENS, 32),
                duration);
        yaml.end();
        return load;
    }

    private static ExperimentCluster cluster(final LocatedYaml yaml, final @Nullable Kind on) {
        final Kind written = yaml.word("on", Kind.class);
        final Kind kind = on != null ? on : written != null ? written : Kind.LOCAL;
        final int nodes = yaml.integer("nodes", 1, MOST_NODES, kind == Kind.RUNNING ? 0 : 4);
        final int copies = yaml.integer("copies", 1, MOST_COPIES, Math.min(2, Math.max(1, nodes)));
        if (kind != Kind.RUNNING && copies > nodes) {
            throw yaml.refuse(
                    "copies", copies + " of each unit don't fit on " + nodes + " nodes; write at most " + nodes);
        }
        final ExperimentCluster cluster = new ExperimentCluster(
                kind,
                nodes,
                copies,
                yaml.integer("routers", 1, MOST_ROUTERS, 1),
                yaml.integer("racks", 1, Math.max(1, nodes), 0),
                yaml.word("gpu", ExperimentCluster.Gpu.class),
                yaml.text("model"),
                yaml.text("api"),
                yaml.text("ops"));
        if (kind != Kind.RUNNING && written == kind && (cluster.api() != null || cluster.ops() != null)) {
            throw yaml.refuse("api and ops are addresses of a running cluster; write on: running, or leave them out");
        }
        if (cluster.gpu() != null && written != Kind.LOCAL && written != null) {
            throw yaml.refuse(
                    "gpu", "GPUs are emulated for processes of this host only; write on: local, or leave it out");
        }
        yaml.end();
        return cluster;
    }

    private static ExperimentLimits limits(final @Nullable LocatedYaml yaml, final ExperimentLoad load) {
        final Duration usual = load.duration().multipliedBy(2).plusMinutes(3);
        if (yaml == null) {
            return new ExperimentLimits(1, 1, usual);
        }
        final Duration longest = Objects.requireNonNullElse(yaml.time("max-duration"), usual);
        if (longest.compareTo(load.duration()) < 0) {
            throw yaml.refuse(
                    "max-duration",
                    FileTimes.format(longest) + " is less than the load's duration, "
                            + FileTimes.format(load.duration()) + "; write more, or shorten the load");
        }
        final ExperimentLimits limits = new ExperimentLimits(
                yaml.integer("max-nodes-down", 0, MOST_NODES, 1),
                yaml.integer("least-holders", 0, MOST_COPIES, 1),
                longest);
        yaml.end();
        return limits;
    }

    private static List<PlannedFault> faults(
            final LocatedYaml yaml, final ExperimentCluster cluster, final ExperimentLoad load) {
        final List<PlannedFault> faults = new ArrayList<>();
        for (final LocatedYaml entry : yaml.children("faults")) {
            final PlannedFault fault = FaultParser.parse(entry, cluster, load);
            if (!faults.isEmpty() && fault.at().compareTo(faults.getLast().at()) < 0) {
                throw entry.refuse(
                        "at",
                        FileTimes.format(fault.at()) + " is before the entry above it, at "
                                + FileTimes.format(faults.getLast().at()) + "; write them in order of time");
            }
            faults.add(fault);
        }
        if (faults.isEmpty()) {
            throw yaml.refuse("faults is missing or empty; an experiment does something, such as"
                    + " \"- {at: 3s, kind: kill, target: {node: 1}}\"");
        }
        return faults;
    }

    private static Hypothesis hypothesis(final LocatedYaml yaml) {
        final Hypothesis hypothesis = new Hypothesis(
                yaml.word("tokens", Hypothesis.Tokens.class),
                yaml.number("goodput-at-least", 0, 1),
                yaml.time("longest-gap-at-most"),
                yaml.time("whole-again-within"),
                yaml.word("books", Hypothesis.Books.class));
        yaml.end();
        if (hypothesis.equals(new Hypothesis(null, null, null, null, null))) {
            throw yaml.refuse("it claims nothing, so nothing could be wrong; write at least tokens: identical");
        }
        return hypothesis;
    }

    private static AbortRule abort(final @Nullable LocatedYaml yaml) {
        if (yaml == null) {
            return new AbortRule(null, null);
        }
        final AbortRule rule = new AbortRule(yaml.time("longest-gap-above"), yaml.number("error-rate-above", 0, 1));
        yaml.end();
        return rule;
    }
}
