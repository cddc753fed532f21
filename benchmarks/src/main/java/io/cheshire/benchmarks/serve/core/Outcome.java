package io.cheshire.benchmarks.serve.core;

/** What is known about a request at its end, in the terms of history checkers. */
public enum Outcome {
    /** Answered to its end. */
    OK,
    /** Refused or ended by the server with an error: it is known not to have been served. */
    FAIL,
    /** Unknown or partly served: the stream was cut, time ran out, the client left. */
    INFO
}
