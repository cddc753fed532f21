package io.cheshire.http.protocol;

/**
 * Every limit of the HTTP edge in one place, set explicitly on Armeria, Netty, Jackson and our own gates.
 *
 * <pre>
 * limit                              default   outcome when it is passed
 * ---------------------------------- --------- -------------------------------------------------------------
 * connections.count                  1024      the one that waited for its client the longest is closed, else the new
 * connections.streams                100       HTTP/2 REFUSED_STREAM
 * connections.sendBufferBytes        131072    kernel buffer of one connection; then the stream waits
 * connections.pipelinedBytes         65536     HTTP/1 bytes behind a running request: 400, close
 * timeouts.headerMs                  10000     408, close
 * timeouts.bodyMs                    30000     408, close
 * timeouts.idleMs                    650000    close (HTTP/2: GOAWAY)
 * timeouts.tlsHandshakeMs            10000     close
 * timeouts.requestMs                 600000    engine deadline: 504, or an error event in a stream
 * timeouts.writeStallMs              30000     a reader of any reply that takes less than totals.writeStallBytes
 *                                              meanwhile: stream reset, connection closed
 * timeouts.lingerMs                  1000      rest of a refused request is discarded this long, then close
 * http1.requestLineBytes             4096      414, close
 * http1.headerBytes                  8192      431, close (all header lines together)
 * http1.headerCount                  100       431, close
 * http1.chunkLineBytes               256       400, close (chunk size with extensions)
 * http1.trailerBytes                 1024      431, close
 * http2.headerListBytes              8192      431 or connection error (HPACK limit)
 * http2.resetsPerWindow              200       either side's: GOAWAY ENHANCE_YOUR_CALM
 * http2.controlFramesPerWindow       1000      PING, SETTINGS, PRIORITY, empty DATA, unknown: GOAWAY ENHANCE_YOUR_CALM
 * http2.windowUpdatesPerWindow       20000     GOAWAY ENHANCE_YOUR_CALM
 * http2.windowSeconds                10        length of the three windows above
 * http2.streamWindowBytes            1048576   flow control
 * http2.frameBytes                   16384     FRAME_SIZE_ERROR
 * json.documentBytes                 2097152   413 before the rest is read, close
 * json.depth                         32        400
 * json.stringChars                   1048576   400
 * json.numberChars                   64        400
 * json.nameChars                     128       400
 * json.tokens                        1000000   400
 * api.choices                        8         400 naming n
 * api.prompts                        64        400 naming prompt
 * api.sequences                      128       400: prompts times choices
 * api.stops / stopChars              16 / 256  400 naming stop
 * api.stopTokenIds                   64        400 naming stop_token_ids
 * api.logitBias                      1024      400 naming logit_bias
 * api.topLogprobs                    20        400 naming logprobs or top_logprobs
 * api.messages / contentParts        1024 / 64 400 naming messages
 * api.promptBytes                    1048576   400 context_length_exceeded, before tokenising
 * api.identifierChars                256       400 naming role or type of a message or part
 * api.eventQueue                     4096      tokens waiting for a slow reader: its sequences are cancelled
 * totals.opsConnections              64        as connections.count, of the operations listener
 * totals.bodiesInFlightBytes         67108864  of both listeners: 503 for the largest unfinished body, or the new one
 * totals.writeStallBytes             4096      see timeouts.writeStallMs
 * api.tokenizerThreads / Queue       2 / 256   parsing, templates and tokenising: 429
 * api.tokenizerQueuePerTenant        192       of that queue: 429
 * answers.answerBytes                heap / 16 400 answer_too_large: what one answer may hold, by its factors
 * answers.inFlightBytes              heap / 4  429: what all answers may hold
 * answers.headersMs                  200       a stream that waits longer for its first token gets its headers
 * answers.commentMs                  10000     and a comment whenever nothing was sent for so long
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

    /**
     * What holds for all connections together.
     *
     * @param opsConnections      open connections of the operations listener
     * @param bodiesInFlightBytes what requests that aren't running yet may hold, both listeners together
     * @param writeStallBytes     least that a reader of a reply takes in {@link Timeouts#writeStallMs}
     */
    public record Totals(int opsConnections, long bodiesInFlightBytes, int writeStallBytes) {}

    /** Connections and what each may hold. */
    public record Connections(int count, int streams, int sendBufferBytes, int pipelinedBytes) {}

    /** Deadlines, in milliseconds. */
    public record Timeouts(
            long headerMs,
            long bodyMs,
            long idleMs,
            long tlsHandshakeMs,
            long requestMs,
            long writeStallMs,
            long lingerMs) {}

    /** HTTP/1 framing. */
    public record Http1(int requestLineBytes, int headerBytes, int headerCount, int chunkLineBytes, int trailerBytes) {}

    /** HTTP/2 framing and floods. */
    public record Http2(
            int headerListBytes,
            int resetsPerWindow,
            int controlFramesPerWindow,
            int windowUpdatesPerWindow,
            int windowSeconds,
            int streamWindowBytes,
            int frameBytes) {}

    /** JSON documents. */
    public record Json(int documentBytes, int depth, int stringChars, int numberChars, int nameChars, int tokens) {}

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
            int tokenizerQueuePerTenant) {}

    /** What answers may hold between the engine and their clients, and how long a stream is silent. */
    public record Answers(long answerBytes, long inFlightBytes, long headersMs, long commentMs) {
        private static final int HEAP_PARTS_IN_FLIGHT = 4;
        private static final int ANSWERS_IN_FLIGHT = 4;

        /** Memory in proportion to the heap. */
        public static long inFlightOfHeap(final long heapBytes) {
            return heapBytes / HEAP_PARTS_IN_FLIGHT;
        }

        /** One answer's share of what all may hold. */
        public static long answerOf(final long inFlightBytes) {
            return inFlightBytes / ANSWERS_IN_FLIGHT;
        }
    }

    /** The table's defaults. */
    public static HttpLimits defaults() {
        return new HttpLimits(
                new Connections(1024, 100, 131_072, 65_536),
                new Timeouts(10_000, 30_000, 650_000, 10_000, 600_000, 30_000, 1_000),
                new Http1(4096, 8192, 100, 256, 1024),
                new Http2(8192, 200, 1000, 20_000, 10, 1 << 20, 16_384),
                new Json(2 << 20, 32, 1 << 20, 64, 128, 1_000_000),
                new Api(8, 64, 128, 16, 256, 64, 1024, 20, 1024, 64, 1 << 20, 256, 4096, 2, 256, 192),
                new Answers(64 << 20, 256 << 20, 200, 10_000),
                new Totals(64, 64 << 20, 4096));
    }

    /** These limits with other deadlines. */
    public HttpLimits withTimeouts(final Timeouts other) {
        return new HttpLimits(connections, other, http1, http2, json, api, answers, totals);
    }

    /** These limits with other connection limits. */
    public HttpLimits withConnections(final Connections other) {
        return new HttpLimits(other, timeouts, http1, http2, json, api, answers, totals);
    }

    /** These limits with other request limits. */
    public HttpLimits withApi(final Api other) {
        return new HttpLimits(connections, timeouts, http1, http2, json, other, answers, totals);
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
