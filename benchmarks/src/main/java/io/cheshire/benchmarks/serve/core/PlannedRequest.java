package io.cheshire.benchmarks.serve.core;

/**
 * One request of a run.
 *
 * @param index             0-based number in the run; seeds everything that is drawn for the request
 * @param arrivalNs         when it should be sent, from the start of the run; 0 in a closed loop, where the client
 *                          decides
 * @param shape             lengths and shared blocks
 * @param hangUpAfterTokens the client closes the connection after so many tokens; 0 for a client that stays
 */
public record PlannedRequest(int index, long arrivalNs, RequestShape shape, int hangUpAfterTokens) {}
