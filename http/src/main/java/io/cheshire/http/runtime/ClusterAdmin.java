package io.cheshire.http.runtime;

import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.http.core.console.ConsoleFacts;
import java.util.concurrent.CompletionStage;

/** The cluster behind the operations listener. Safe from any thread; never blocks. */
public interface ClusterAdmin {
    /**
     * The cluster's state: a value that Jackson can write. Completes exceptionally when no coordinator answers in time.
     */
    CompletionStage<?> state();

    /** The same for who looks all the time: a member that doesn't report at once is not waited for. */
    default CompletionStage<?> glance() {
        return state();
    }

    /** What the console shows beside. */
    default ConsoleFacts facts() {
        return ConsoleFacts.NONE;
    }

    /** Asks the coordinator. Completes exceptionally when none answers in time. */
    CompletionStage<AdminReply> ask(OperatorRequest request);
}
