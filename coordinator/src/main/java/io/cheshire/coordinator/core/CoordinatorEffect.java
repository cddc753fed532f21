package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ControlMessage;
import java.util.List;

/**
 * What a {@link CoordinatorLife} wants done, in this order.
 *
 * @param <M> where somebody can be answered: an actor's address in production
 */
public sealed interface CoordinatorEffect<M> {
    /** Send a message: a command to a member, or an answer to whoever asked. */
    record Tell<M>(M to, ControlMessage message) implements CoordinatorEffect<M> {}

    /** Show the cluster to somebody; members in {@code notFresh} were asked for a report and sent none in time. */
    record Show<M>(M to, List<String> notFresh) implements CoordinatorEffect<M> {
        public Show {
            notFresh = List.copyOf(notFresh);
        }
    }

    /** From now on, when the member ends, {@code ended} is to follow; at once where it has ended already. */
    record Watch<M>(M member, CoordinatorInput<M> ended) implements CoordinatorEffect<M> {}

    /** Nothing is to follow when the member ends. */
    record Unwatch<M>(M member) implements CoordinatorEffect<M> {}

    /** Have the cluster remove the process of a member, which has ended. */
    record Down<M>(M member) implements CoordinatorEffect<M> {}

    /** {@code due} is to follow after this time; a timer that runs with an equal one ends. */
    record StartTimer<M>(CoordinatorInput<M> due, long delayNs) implements CoordinatorEffect<M> {}

    /** The timer that runs with this input, if any, ends. */
    record CancelTimer<M>(CoordinatorInput<M> due) implements CoordinatorEffect<M> {}

    /** Write down a decision for people; {@code epoch} is the one published then. */
    record Note<M>(ClusterEvent.Kind kind, long epoch, String reason) implements CoordinatorEffect<M> {}

    /** Write down a defect of the balancer. */
    record BalancerFailed<M>(RuntimeException defect) implements CoordinatorEffect<M> {}
}
