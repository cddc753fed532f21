package io.cheshire.coordinator.protocol;

/**
 * Answer to a request to leave: the member serves nothing any more.
 *
 * @param inOrder whether the coordinator agreed; false when it didn't answer in time, or nobody could be asked
 */
public record Left(boolean inOrder) implements ControlMessage {}
