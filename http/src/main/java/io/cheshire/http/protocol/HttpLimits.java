package io.cheshire.http.protocol;

import io.cheshire.settings.SettingReader;
import java.time.Duration;

/**
 * Every limit of the HTTP edge in one place, set explicitly on Armeria, Netty, Jackson and our own gates. {@code
 * reference.conf} has the defaults, and why.
 *
 * <pre>
 * limit                              outcome when it is passed
 * ---------------------------------- ----------------------------------------------------------------------
 * connections.count                  the one that waited for its client the longest is closed, else the new
 * connections.streams                HTTP/2 REFUSED_STREAM
 * connections.sendBufferBytes        kernel buffer of one connection; then the stream waits
 * connections.pipelinedBytes         HTTP/1 bytes behind a running request: 400, close
 * timeouts.headerMs                  408, close
 * timeouts.bodyMs                    408, close
 * timeouts.idleMs                    close (HTTP/2: GOAWAY)
 * timeouts.tlsHandshakeMs            close
 * timeouts.requestMs                 engine deadline: 504, or an error event in a stream
 * timeouts.writeStallMs              a reader of any reply that takes less than totals.writeStallBytes
 *                                    meanwhile: stream reset, connection closed
 * timeouts.lingerMs                  rest of a refused request is discarded this long, then close
 * http1.requestLineBytes             414, close
 * http1.headerBytes                  431, close (all header lines together)
 * http1.headerCount                  431, close
 * http1.chunkLineBytes               400, close (chunk size with extensions)
 * http1.trailerBytes                 431, close
 * http2.headerListBytes              431 or connection error (HPACK limit)
 * http2.resetsPerWindow              either side's: GOAWAY ENHANCE_YOUR_CALM
 * http2.controlFramesPerWindow       PING, SETTINGS, PRIORITY, empty DATA, unknown: GOAWAY ENHANCE_YOUR_CALM
 * http2.windowUpdatesPerWindow       GOAWAY ENHANCE_YOUR_CALM
 * http2.windowSeconds                length of the three windows above
 * http2.streamWindowBytes            flow control
 * http2.frameBytes                   FRAME_SIZE_ERROR
 * json.documentBytes                 413 before the rest is read, close
 * totals.uploadBytes                 the same where a file is brought
 * json.depth                         400
 * json.stringChars                   400
 * json.numberChars                   400
 * json.nameChars                     400
 * json.tokens                        400
 * api.choices                        400 naming n
 * api.prompts                        400 naming prompt
 * api.sequences                      400: prompts times choices
 * api.stops / stopChars              400 naming stop
 * api.stopTokenIds                   400 naming stop_token_ids
 * api.logitBias                      400 naming logit_bias
 * api.topLogprobs                    400 naming logprobs or top_logprobs
 * api.messages / contentParts        400 naming messages
 * api.promptBytes                    400 context_length_exceeded, before tokenising
 * api.identifierChars                400 naming role or type of a message or part
 * api.eventQueue                     tokens waiting for a slow reader: its sequences are cancelled
 * totals.opsConnections              as connections.count, of the operations listener
 * totals.bodiesInFlightBytes         of both listeners: 503 for the largest unfinished body, or the new one
 * totals.writeStallBytes             see timeouts.writeStallMs
 * api.tokenizerThreads / Queue       parsing, templates and tokenising: 429
 * api.tokenizerQueuePerTenant        of that queue: 429
 * answers.answerBytes                400 answer_too_large: what one answer may hold, by its factors
 * answers.inFlightBytes              429: what all answers may hold
 * answers.headersMs                  a stream that waits longer for its first token gets its headers
 * answers.commentMs                  and a comment whenever nothing was sent for so long
 * </pre>
 */
public record HttpLimits(
        Connections connections,
        Timeouts timeouts,
        Http1 http1,
        Http2 http2,
        Json json,
        Api api,
        Answers answers,
        Totals totals) {
    private static final int MANY = Integer.MAX_VALUE;
    private static final Duration LONG = Duration.ofDays(365);

    /**
     * What holds for all connections together.
     *
     * @param opsConnections      open connections of the operations listener
     * @param bodiesInFlightBytes what requests that aren't running yet may hold, both listeners together
     * @param uploadBytes         body of a request that brings a file
     * @param writeStallBytes     least that a reader of a reply takes in {@link Timeouts#writeStallMs}
     */
    public record Totals(int opsConnections, long bodiesInFlightBytes, long uploadBytes, int writeStallBytes) {
        private static Totals from(final SettingReader limits) {
            return new Totals(
                    limits.number("ops-connections", 1, MANY),
                    limits.bytes("bodies-in-flight", 1, Long.MAX_VALUE),
                    limits.bytes("upload", 1, Long.MAX_VALUE),
                    limits.intBytes("write-stall", 1, MANY));
        }
    }

    /** Connections and what each may hold. */
    public record Connections(int count, int streams, int sendBufferBytes, int pipelinedBytes) {
        private static Connections from(final SettingReader limits) {
            return new Connections(
                    limits.number("connections", 1, MANY),
                    limits.number("streams-per-connection", 1, MANY),
                    limits.intBytes("send-buffer", 1, MANY),
                    limits.intBytes("pipelined", 1, MANY));
        }
    }

    /** Deadlines, in milliseconds. */
    public record Timeouts(
            long headerMs,
            long bodyMs,
            long idleMs,
            long tlsHandshakeMs,
            long requestMs,
            long writeStallMs,
            long lingerMs) {
        private static Timeouts from(final SettingReader limits) {
            return new Timeouts(
                    ms(limits, "header-timeout"),
                    ms(limits, "body-timeout"),
                    ms(limits, "idle-timeout"),
                    ms(limits, "tls-handshake-timeout"),
                    ms(limits, "request-timeout"),
                    ms(limits, "write-stall-timeout"),
                    ms(limits, "linger"));
        }
    }

    /** HTTP/1 framing. */
    public record Http1(int requestLineBytes, int headerBytes, int headerCount, int chunkLineBytes, int trailerBytes) {
        private static Http1 from(final SettingReader limits) {
            return new Http1(
                    limits.intBytes("request-line", 1, MANY),
                    limits.intBytes("headers", 1, MANY),
                    limits.number("header-count", 1, MANY),
                    limits.intBytes("chunk-line", 1, MANY),
                    limits.intBytes("trailers", 1, MANY));
        }
    }

    /** HTTP/2 framing and floods. */
    public record Http2(
            int headerListBytes,
            int resetsPerWindow,
            int controlFramesPerWindow,
            int windowUpdatesPerWindow,
            int windowSeconds,
            int streamWindowBytes,
            int frameBytes) {
        private static Http2 from(final SettingReader limits) {
            return new Http2(
                    limits.intBytes("http2-header-list", 1, MANY),
                    limits.number("http2-resets-per-window", 1, MANY),
                    limits.number("http2-control-frames-per-window", 1, MANY),
                    limits.number("http2-window-updates-per-window", 1, MANY),
                    (int) limits.duration("http2-window", Duration.ofSeconds(1), LONG)
                            .toSeconds(),
                    limits.intBytes("http2-stream-window", 1, MANY),
                    limits.intBytes("http2-frame", 1, MANY));
        }
    }

    /** JSON documents. */
    public record Json(int documentBytes, int depth, int stringChars, int numberChars, int nameChars, int tokens) {
        private static Json from(final SettingReader limits) {
            return new Json(
                    limits.intBytes("body", 1, MANY),
                    limits.number("json-depth", 1, MANY),
                    limits.number("json-string-chars", 1, MANY),
                    limits.number("json-number-chars", 1, MANY),
                    limits.number("json-name-chars", 1, MANY),
                    limits.number("json-tokens", 1, MANY));
        }
    }

    /** What one request may ask for. */
    public record Api(
            int choices,
            int prompts,
            int sequences,
            int stops,
            int stopChars,
            int stopTokenIds,
            int logitBias,
            int topLogprobs,
            int messages,
            int contentParts,
            int promptBytes,
            int identifierChars,
            int eventQueue,
            int tokenizerThreads,
            int tokenizerQueue,
            int tokenizerQueuePerTenant) {
        private static Api from(final SettingReader limits) {
            return new Api(
                    limits.number("choices", 1, MANY),
                    limits.number("prompts", 1, MANY),
                    limits.number("sequences", 1, MANY),
                    limits.number("stops", 0, MANY),
                    limits.number("stop-chars", 0, MANY),
                    limits.number("stop-token-ids", 0, MANY),
                    limits.number("logit-bias", 0, MANY),
                    limits.number("top-logprobs", 0, MANY),
                    limits.number("messages", 1, MANY),
                    limits.number("content-parts", 1, MANY),
                    limits.intBytes("prompt-text", 1, MANY),
                    limits.number("identifier-chars", 1, MANY),
                    limits.number("event-queue", 1, MANY),
                    limits.number("tokenizer-threads", 1, MANY),
                    limits.number("tokenizer-queue", 0, MANY),
                    limits.number("tokenizer-queue-per-tenant", 0, MANY));
        }
    }

    /** What answers may hold between the engine and their clients, and how long a stream is silent. */
    public record Answers(long answerBytes, long inFlightBytes, long headersMs, long commentMs) {
        private static final int HEAP_PARTS_IN_FLIGHT = 4;
        private static final int ANSWERS_IN_FLIGHT = 4;

        private static Answers from(final SettingReader limits) {
            final long heapBytes = Runtime.getRuntime().maxMemory();
            final long inFlight = limits.bytesOrAuto("answers-in-flight", 1, Long.MAX_VALUE, inFlightOfHeap(heapBytes));
            return new Answers(
                    limits.bytesOrAuto("answer-bytes", 1, Long.MAX_VALUE, answerOf(inFlight)),
                    inFlight,
                    ms(limits, "stream-headers"),
                    ms(limits, "stream-comment"));
        }

        /** Memory in proportion to the heap. */
        public static long inFlightOfHeap(final long heapBytes) {
            return heapBytes / HEAP_PARTS_IN_FLIGHT;
        }

        /** One answer's share of what all may hold. */
        public static long answerOf(final long inFlightBytes) {
            return inFlightBytes / ANSWERS_IN_FLIGHT;
        }
    }

    /** Reads the section {@code limits} of the edge. */
    public static HttpLimits from(final SettingReader limits) {
        return new HttpLimits(
                Connections.from(limits),
                Timeouts.from(limits),
                Http1.from(limits),
                Http2.from(limits),
                Json.from(limits),
                Api.from(limits),
                Answers.from(limits),
                Totals.from(limits));
    }

    private static long ms(final SettingReader limits, final String name) {
        return limits.durationMs(name, Duration.ofMillis(1), LONG);
    }

    /** These limits with other deadlines. */
    public HttpLimits withTimeouts(final Timeouts other) {
        return new HttpLimits(connections, other, http1, http2, json, api, answers, totals);
    }

    /** These limits with other connection limits. */
    public HttpLimits withConnections(final Connections other) {
        return new HttpLimits(other, timeouts, http1, http2, json, api, answers, totals);
    }

    /** These limits with others for answers. */
    public HttpLimits withAnswers(final Answers other) {
        return new HttpLimits(connections, timeouts, http1, http2, json, api, other, totals);
    }

    /** These limits with other totals. */
    public HttpLimits withTotals(final Totals other) {
        return new HttpLimits(connections, timeouts, http1, http2, json, api, answers, other);
    }
}
