package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;

/**
 * What happens to a {@link CoordinatorLife}.
 *
 * @param <M> where somebody can be answered: an actor's address in production
 */
public sealed interface CoordinatorInput<M> {
    /** Somebody says something that needs no answer. */
    record Told<M>(CoordinatorCommand.OneWay what) implements CoordinatorInput<M> {}

    /** A node introduces itself, for the first time or again. */
    record NodeRegisters<M>(NodeHello hello, M from) implements CoordinatorInput<M> {}

    /** A node reports; {@code refreshId} is 0 when it wasn't asked to. */
    record NodeReports<M>(NodeReport report, long refreshId, M from) implements CoordinatorInput<M> {}

    /** The node that was watched has ended, or the process it lived in was removed from the cluster. */
    record NodeEnded<M>(int nodeId, long incarnation) implements CoordinatorInput<M> {}

    /** A router introduces itself, for the first time or again. */
    record RouterRegisters<M>(RouterHello hello, M from) implements CoordinatorInput<M> {}

    /** A router reports; {@code refreshId} is 0 when it wasn't asked to. */
    record RouterReports<M>(RouterReport report, long refreshId, M from) implements CoordinatorInput<M> {}

    /** The router that was watched has ended, or the process it lived in was removed from the cluster. */
    record RouterEnded<M>(int routerId, long incarnation) implements CoordinatorInput<M> {}

    /** An operator asks for something. */
    record Asked<M>(OperatorRequest request, M asker) implements CoordinatorInput<M> {}

    /** Somebody wants to see the cluster as last reported. */
    record StateAsked<M>(M asker) implements CoordinatorInput<M> {}

    /** Somebody wants to see the cluster after every member reported anew, or after a time without those missing. */
    record FreshStateAsked<M>(long timeoutMs, M asker) implements CoordinatorInput<M> {}

    /** A request for fresh figures has waited long enough. */
    record RefreshExpired<M>(long refreshId) implements CoordinatorInput<M> {}

    /** A node that was said to have ended should have been heard of by now if it had not. */
    record DownDue<M>(int nodeId, long incarnation, String reason) implements CoordinatorInput<M> {}

    /** The time for which a node was to be drained is over, if it was not drained or undrained anew meanwhile. */
    record DrainOver<M>(int nodeId, long number) implements CoordinatorInput<M> {}

    /** Time passed. */
    record TickDue<M>() implements CoordinatorInput<M> {}

    /** A window of traffic has ended. */
    record BalanceDue<M>() implements CoordinatorInput<M> {}

    /** It is time to compare what the copies of a unit answer; {@code seed} draws the row. */
    record ScrubDue<M>(long seed) implements CoordinatorInput<M> {}
}
