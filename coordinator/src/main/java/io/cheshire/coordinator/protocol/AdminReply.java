package io.cheshire.coordinator.protocol;

/**
 * Answer to an operator's wish.
 *
 * @param accepted whether the coordinator will see to it; if not, nothing changed
 * @param epoch    epoch at that moment; a later one carries it out
 * @param message  what will be done, or why not, with the remedy
 */
public record AdminReply(boolean accepted, long epoch, String message) implements ControlMessage {}
