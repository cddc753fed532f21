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
    FAILED_LOAD(true, true);

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

    /** As it is written in files. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
