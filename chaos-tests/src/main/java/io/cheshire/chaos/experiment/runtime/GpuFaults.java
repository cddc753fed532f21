package io.cheshire.chaos.experiment.runtime;

import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import io.cheshire.chaos.experiment.protocol.FaultVerb;
import io.cheshire.chaos.process.EmulatedGpus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Does to emulated GPUs what a file asks for, in the words of {@code libcuda_emu.cpp}. One thread at a time.
 */
final class GpuFaults {
    private static final Map<FaultVerb, String> WORDS = Map.of(
            // In the midst of a call: after its first kernel, before its last.
            FaultVerb.GPU_ERROR,
            "launch=2:719",
            FaultVerb.GPU_HANG,
            "hang=2",
            FaultVerb.GPU_BIT_FLIP,
            "flip=2",
            // Less than it holds: no allocation succeeds.
            FaultVerb.GPU_OUT_OF_MEMORY,
            "oom=1",
            FaultVerb.GPU_REFUSAL,
            "load=222");

    private final @Nullable EmulatedGpus gpus;

    private GpuFaults(final @Nullable EmulatedGpus gpus) {
        this.gpus = gpus;
    }

    /** Those of a cluster that a file asks for; none where it asks for none. Takes seconds where there are some. */
    static GpuFaults of(final ExperimentCluster asked) {
        return new GpuFaults(asked.gpu() == null ? null : EmulatedGpus.build());
    }

    /** Of the cluster. */
    List<String> flags() {
        return gpus == null ? List.of() : gpus.flags();
    }

    /** Begins it: with the GPU of a process that runs, or of the one that starts next where a start goes wrong. */
    void begin(final FaultVerb kind, final long pid) {
        final String words = WORDS.get(kind);
        if (words == null) {
            throw new IllegalArgumentException(kind.word() + " isn't done to a GPU");
        }
        if (kind == FaultVerb.GPU_REFUSAL) {
            gpus().hurtNext(words);
        } else {
            gpus().hurt(pid, words);
        }
    }

    /** Takes back what lasts. */
    void end(final long pid) {
        gpus().hurt(pid, "");
    }

    private EmulatedGpus gpus() {
        if (gpus == null) {
            throw new IllegalStateException("the nodes have no emulated GPUs (cluster.gpu)");
        }
        return gpus;
    }
}
