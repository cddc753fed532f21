package io.cheshire.ops.runtime.cli;

import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.ops.runtime.ShutdownSignal;

/** What ends the process of a role: somebody asks it to, or the cluster removes it. */
final class ExitStatus {
    /** Exit status of a process that the cluster removed: whoever supervises it should start it anew. */
    static final int REMOVED_STATUS = 4;

    private ExitStatus() {}

    /**
     * Waits for either.
     *
     * @param role for people, who read why it ended
     * @return exit status
     */
    static int await(final String role, final ShutdownSignal signal, final ClusterSystem cluster)
            throws InterruptedException {
        cluster.whenTerminated().thenRun(signal::request);
        signal.await();
        if (!cluster.hasEnded()) {
            return 0;
        }
        System.err.println("cheshire " + role
                + ": the cluster removed this process (the warnings above say why), and it can't come back"
                + " by itself. Start it anew; status " + REMOVED_STATUS + " says so to whoever watches it.");
        return REMOVED_STATUS;
    }
}
