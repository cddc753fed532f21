package io.cheshire.http.runtime;

import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.OperatorRequest;
import java.util.concurrent.CompletionStage;

/** The cluster behind the operations listener. Safe from any thread; never blocks. */
public interface ClusterAdmin {
    /**
     * The cluster's state: a value that Jackson can write. Completes exceptionally when no coordinator answers in time.
     */
    CompletionStage<?> state();

    /** Asks the coordinator. Completes exceptionally when none answers in time. */
    CompletionStage<AdminReply> ask(OperatorRequest request);
}
