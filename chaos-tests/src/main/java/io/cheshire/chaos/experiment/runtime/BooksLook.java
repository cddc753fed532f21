package io.cheshire.chaos.experiment.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.experiment.core.ResolvedFault;
import io.cheshire.chaos.experiment.core.RowBooks;
import io.cheshire.chaos.runtime.Await;
import io.cheshire.chaos.runtime.JsonClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Looks at the cluster's books of rows when the load is over: late answers may be on their way for a while. */
final class BooksLook {
    /** A killed router is a member until the cluster has removed it, and as long its books are asked for. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final JsonClient ops;
    private final RunView progress;

    BooksLook(final JsonClient ops, final RunView progress) {
        this.ops = ops;
        this.progress = progress;
    }

    /**
     * What is wrong with them once nobody waits any more; empty when nothing is, null where nobody answered in time.
     */
    @Nullable
    String problem(final List<ResolvedFault> faults) {
        final boolean allLived = faults.stream().allMatch(fault -> switch (fault.fault()
                .kind()) {
            case KILL, TERMINATE -> fault.nodes().isEmpty() && fault.who().equals(List.of("coordinator"));
            case ROUTER_KILL, GPU_ERROR, GPU_HANG, GPU_BIT_FLIP, GPU_REFUSAL -> false;
            case STOP,
                    MOVE,
                    DRAIN,
                    COORDINATOR_KILL,
                    PARTITION,
                    LOSS,
                    DELAY,
                    SLOW_NODE,
                    FAILED_LOAD,
                    GPU_OUT_OF_MEMORY -> true;
        });
        final long startNs = System.nanoTime();
        String problem = null;
        while (System.nanoTime() - startNs < LIMIT.toNanos()
                && progress.endAsked().isEmpty()) {
            try {
                final JsonNode cluster = ops.read("/admin/v1/cluster");
                if (cluster.path("complete").booleanValue()) {
                    problem = RowBooks.problem(cluster, allLived);
                    if (problem.isEmpty()) {
                        return problem;
                    }
                }
            } catch (final IllegalStateException | java.io.UncheckedIOException notNow) {
                progress.accept("nobody answers for the books yet: " + notNow.getMessage());
            }
            LockSupport.parkNanos(Await.CLUSTER_POLL.toNanos());
        }
        return problem;
    }
}
