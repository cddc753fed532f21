package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.Experiment;

/** Experiment files for tests. */
final class ExperimentFiles {
    static final String GOOD = """
            name: a name
            description: what it is
            seed: 3
            load:
              streams: 4
              prompt-tokens: 5
              answer-tokens: 6
              duration: 10s
            cluster:
              on: local
              nodes: 4
              copies: 2
            faults:
              - at: 2s
                kind: stop
                target: {node: 1}
                for: 3s
            hypothesis:
              tokens: identical
              longest-gap-at-most: 2s
            limits:
              max-nodes-down: 1
            abort:
              longest-gap-above: 20s
            """;

    private ExperimentFiles() {}

    static Experiment parse(final String text) {
        return ExperimentParser.parse("file.yaml", text, null);
    }

    /** The good one with other words in place of some of its own. */
    static Experiment with(final String old, final String other) {
        if (!GOOD.contains(old)) {
            throw new IllegalArgumentException("the file has no \"" + old + "\"");
        }
        return parse(GOOD.replace(old, other));
    }
}
