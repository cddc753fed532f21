package io.cheshire.chaos.experiment.protocol;

import java.util.Locale;

/** What is done. */
public enum FaultVerb {
    /** The process is gone without a word (kill -9), and started again. */
    KILL(false, true),
    /** The process stands still (SIGSTOP), then goes on. */
    STOP(true, true),
    /** The process is told to leave in order (SIGTERM). */
    TERMINATE(false, true),
    /** Units go to other nodes. */
    MOVE(false, false),
    /** A node is to hold nothing, then is back in use. */
    DRAIN(true, true),
    /** The coordinator is killed. */
    COORDINATOR_KILL(false, false),
    /** A router is killed; its streams break. */
    ROUTER_KILL(false, false),
    /** Nobody hears the processes on the data plane. */
    PARTITION(true, true),
    /** A share of the packets to and from them is lost and sent again. */
    LOSS(true, true),
    /** Packets to and from them take longer. */
    DELAY(true, true),
    /** The nodes compute so many times slower. */
    SLOW_NODE(true, true),
    /** The nodes can't read weights. */
    FAILED_LOAD(true, true),
    /** The nodes' GPUs get an error after which only a new process helps. */
    GPU_ERROR(false, true),
    /** A kernel on the nodes' GPUs never ends. */
    GPU_HANG(false, true),
    /** The nodes' GPUs add wrongly from now on, and don't say so. */
    GPU_BIT_FLIP(false, true),
    /** The nodes' GPUs have no memory left. */
    GPU_OUT_OF_MEMORY(true, true),
    /** The nodes are killed, and once they are started again their GPUs don't take the kernels, once. */
    GPU_REFUSAL(false, true);

    private final boolean lasts;
    private final boolean hasTarget;

    FaultVerb(final boolean lasts, final boolean hasTarget) {
        this.lasts = lasts;
        this.hasTarget = hasTarget;
    }

    /** Whether it is over after a time that the file says. */
    public boolean lasts() {
        return lasts;
    }

    /** Whether the file says to whom it is done. */
    public boolean hasTarget() {
        return hasTarget;
    }

    /** Whether it is done to a GPU, and so to an emulated one. */
    public boolean isOfGpu() {
        return switch (this) {
            case GPU_ERROR, GPU_HANG, GPU_BIT_FLIP, GPU_OUT_OF_MEMORY, GPU_REFUSAL -> true;
            case KILL,
                    STOP,
                    TERMINATE,
                    MOVE,
                    DRAIN,
                    COORDINATOR_KILL,
                    ROUTER_KILL,
                    PARTITION,
                    LOSS,
                    DELAY,
                    SLOW_NODE,
                    FAILED_LOAD -> false;
        };
    }

    /** As it is written in files. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
