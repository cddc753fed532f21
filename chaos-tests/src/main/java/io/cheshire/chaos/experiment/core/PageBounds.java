package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.Experiment;
import io.cheshire.chaos.experiment.protocol.ExperimentCluster.Kind;
import io.cheshire.chaos.experiment.protocol.ExperimentLoad;
import java.math.BigDecimal;
import java.time.Duration;

/** How much an experiment from the console may be: it runs in a router's process, beside its users. Pure. */
public final class PageBounds {
    /** New streams begin for so long at most. */
    public static final Duration LONGEST_LOAD = Duration.ofMinutes(2);

    /** Of load, faults and the way back together. */
    public static final Duration LONGEST = Duration.ofMinutes(15);

    /** Streams at once. */
    public static final int MOST_STREAMS = 32;

    /** Streams that begin in a second. */
    public static final double MOST_RATE = 20;

    /** Of a prompt, and of an answer. */
    public static final int MOST_TOKENS = 512;

    private PageBounds() {}

    /** @throws ExperimentRefused it is more, or it is on something that a page has no business with */
    public static void demand(final Experiment experiment) {
        final Kind kind = experiment.cluster().on();
        final ExperimentLoad load = experiment.load();
        demand(
                kind != Kind.LOCAL,
                "the console runs experiments on: running, which is this cluster, or on: simulation; one on processes"
                        + " of its own is for the command line: ./cheshire chaos run FILE");
        demand(
                experiment.cluster().api() == null && experiment.cluster().ops() == null,
                "the console hurts its own cluster and no other; leave cluster.api and cluster.ops out");
        demand(
                experiment.cluster().model() == null,
                "the console takes the model that is served; leave cluster.model out");
        most("load.duration", load.duration(), LONGEST_LOAD);
        most("limits.max-duration", experiment.limits().maxDuration(), LONGEST);
        most("load.streams", load.streams(), MOST_STREAMS);
        most("load.rate", load.rate() == null ? 0 : load.rate(), MOST_RATE);
        most("load.prompt-tokens", load.promptTokens(), MOST_TOKENS);
        most("load.answer-tokens", load.answerTokens(), MOST_TOKENS);
    }

    private static void most(final String name, final Duration asked, final Duration limit) {
        demand(
                asked.compareTo(limit) <= 0,
                name + " is " + FileTimes.format(asked) + "; from the console at most " + FileTimes.format(limit));
    }

    private static void most(final String name, final double asked, final double limit) {
        demand(asked <= limit, name + " is " + number(asked) + "; from the console at most " + number(limit));
    }

    private static String number(final double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    private static void demand(final boolean holds, final String otherwise) {
        if (!holds) {
            throw new ExperimentRefused(otherwise);
        }
    }
}
