package io.cheshire.benchmarks.serve.core;

import org.jspecify.annotations.Nullable;

/**
 * What became of one request. All times are on the run's clock, 0 at its start.
 *
 * @param request      what was asked
 * @param outcome      what is known
 * @param kind         {@code ok}, or the kind of error: see {@link Kinds}
 * @param message      the first words of the reason; null where there is none
 * @param sentNs       when it went out
 * @param endNs        when its end was known
 * @param tokens       when tokens came
 * @param promptTokens as the server counted; -1 where it did not say
 * @param outputTokens as the server counted, or the chunks received
 */
public record RequestResult(
        PlannedRequest request,
        Outcome outcome,
        String kind,
        @Nullable String message,
        long sentNs,
        long endNs,
        TokenTimes tokens,
        long promptTokens,
        long outputTokens) {

    /** Names of the ways a request can end. {@code http_<status>} joins them for every status but 200. */
    public static final class Kinds {
        public static final String OK = "ok";
        /** The client left, as planned. */
        public static final String HANG_UP = "hang_up";
        /** No connection: nothing was asked. */
        public static final String CONNECT = "connect";
        /** The client's time limit passed. */
        public static final String TIMEOUT = "timeout";
        /** The stream ended without a finish reason or [DONE]. */
        public static final String CUT = "cut";
        /** The server ended the stream with an error event. */
        public static final String SERVER_ERROR = "server_error";
        /** The server sent what isn't the protocol. */
        public static final String MALFORMED = "malformed";

        private Kinds() {}
    }

    /** Whether the client left as planned: neither an error nor an answer to judge. */
    public boolean hungUp() {
        return kind.equals(Kinds.HANG_UP);
    }

    /** Time to first token, from {@code fromNs}; needs at least one token. */
    public long timeToFirstTokenNs(final long fromNs) {
        return tokens.timeNs(0) - fromNs;
    }

    /** Mean time per token after the first; needs at least two tokens. */
    public double timePerOutputTokenNs() {
        final long spanNs = tokens.timeNs(tokens.count() - 1) - tokens.timeNs(0);
        return (double) spanNs / (Math.max(2, outputTokens) - 1);
    }
}
