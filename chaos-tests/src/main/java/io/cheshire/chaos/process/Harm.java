package io.cheshire.chaos.process;

/** What is done to a process. */
public enum Harm {
    /** {@code kill -9}: gone without a word; the cluster's launcher starts it again. */
    KILL,
    /** {@code SIGSTOP}, and {@code SIGCONT} when the streams have ended: alive, connected, and silent. */
    STOP,
    /** {@code SIGTERM}: leaves in order. */
    TERMINATE
}
