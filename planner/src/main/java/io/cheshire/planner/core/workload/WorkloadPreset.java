package io.cheshire.planner.core.workload;

import io.cheshire.planner.protocol.plan.LengthMix;
import java.util.Locale;

/** Use cases by mean lengths, as llm-d's planner has them. */
public enum WorkloadPreset {
    CHAT(512, 256),
    REASONING(1_024, 1_024),
    SUMMARY(4_096, 512),
    RAG(10_240, 1_536);

    private final int promptTokens;
    private final int outputTokens;

    WorkloadPreset(final int promptTokens, final int outputTokens) {
        this.promptTokens = promptTokens;
        this.outputTokens = outputTokens;
    }

    public LengthMix lengths() {
        return LengthMix.fixed(promptTokens, outputTokens);
    }

    /** For people. */
    public String words() {
        return name().toLowerCase(Locale.ROOT) + " (" + promptTokens + " tokens in, " + outputTokens + " out)";
    }
}
