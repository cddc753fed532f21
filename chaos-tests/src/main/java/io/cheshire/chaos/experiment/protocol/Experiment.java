package io.cheshire.chaos.experiment.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An experiment file: under which load what is done to whom, and what must hold all the same.
 *
 * @param name        a short name
 * @param description why anybody would run it
 * @param seed        draws prompts and whoever is hit at random
 * @param load        the streams
 * @param cluster     on what
 * @param faults      what is done, in order of time
 * @param hypothesis  what must hold
 * @param limits      what is refused before it does harm
 * @param abort       when it ends early
 */
public record Experiment(
        String name,
        String description,
        long seed,
        ExperimentLoad load,
        ExperimentCluster cluster,
        List<PlannedFault> faults,
        Hypothesis hypothesis,
        ExperimentLimits limits,
        AbortRule abort) {
    public Experiment {
        faults = List.copyOf(faults);
    }

    /** The same with another seed, if one is given, on another cluster. */
    public Experiment on(final ExperimentCluster other, final @Nullable Long otherSeed) {
        return new Experiment(
                name,
                description,
                otherSeed == null ? seed : otherSeed,
                load,
                other,
                faults,
                hypothesis,
                limits,
                abort);
    }
}
