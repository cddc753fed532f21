package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.Epochs;

/**
 * What keeps a member from obeying a coordinator that is out of date. Immutable.
 *
 * @param epoch     highest epoch obeyed, 0 before the first
 * @param publisher incarnation of the coordinator it came from, 0 before the first
 */
public record CommandFence(long epoch, long publisher) {
    /** Obeys the first command, whatever its epoch. */
    public static final CommandFence OPEN = new CommandFence(0, 0);

    /**
     * Whether to obey. The epoch must not go back, must be one that a coordinator can have reached, and of two
     * coordinators with one epoch only the first is obeyed.
     *
     * @param commandEpoch     epoch in the command
     * @param commandPublisher incarnation of its sender
     */
    public boolean lets(final long commandEpoch, final long commandPublisher) {
        return (commandEpoch > epoch && Epochs.isPlausible(commandEpoch, epoch))
                || (commandEpoch == epoch && commandPublisher == publisher);
    }

    /** The fence after a command was obeyed. */
    public CommandFence after(final long commandEpoch, final long commandPublisher) {
        return new CommandFence(commandEpoch, commandPublisher);
    }
}
