package io.cheshire.router.control;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.CoordinatorInput;
import io.cheshire.coordinator.protocol.ControlMessage;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The shell around a member's life: what is said to it and what it says wait in order, and so does what its device has
 * still to do. Which of the three goes on next is the test's choice.
 */
abstract sealed class RigMember permits RigNode, RigRouter {
    final Deque<Runnable> inbox = new ArrayDeque<>();
    final Deque<CoordinatorInput<RigMember>> outbox = new ArrayDeque<>();
    final Deque<Runnable> device = new ArrayDeque<>();

    /** Handles a message of a coordinator. */
    abstract void hear(ControlMessage message);

    /** Time to introduce itself, or to say again what nobody has answered. */
    abstract void registerDue();

    abstract void reportDue();

    /** What it obeyed last. */
    abstract CommandFence fence();

    final void say(final CoordinatorInput<RigMember> what) {
        outbox.add(what);
    }

    final void tell(final CoordinatorCommand.OneWay message) {
        say(new CoordinatorInput.Told<>(message));
    }

    /** Its queues; what is first in one of them may happen next. */
    final List<Deque<Runnable>> work() {
        return List.of(inbox, device);
    }
}
