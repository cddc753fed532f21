package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import io.cheshire.http.core.PreparedCall;
import io.cheshire.http.core.ResponseJson;
import io.cheshire.http.protocol.ApiException;
import io.cheshire.http.protocol.BatchParser;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers lines of batches by what answers requests, behind all that don't yield. Thread-safe. */
final class BatchLines {
    private static final Logger LOG = LoggerFactory.getLogger(BatchLines.class);
    private static final int OK = 200;

    private final GenerationService generation;
    private final BatchParser parser;
    private final BatchCalls calls;
    /** Lines are read one at a time: they leave the processors to requests. */
    private final Lock reading = new ReentrantLock();

    BatchLines(final GenerationService generation, final BatchParser parser, final BatchCalls calls) {
        this.generation = generation;
        this.parser = parser;
        this.calls = calls;
    }

    /** What became of a line. */
    record Answered(int status, JsonNode body, String requestId) {
        /** It wasn't answered, but may be. */
        boolean isLater() {
            return status == 429 || status == 503 || status == 504;
        }

        boolean isGood() {
            return status == OK;
        }

        /** As a line of a batch's file. */
        byte[] line(final String batchId, final int index, final String customId) {
            final ObjectNode line = Replies.MAPPER.createObjectNode();
            line.put("id", lineId(batchId, index));
            line.put("custom_id", customId);
            line.putObject("response")
                    .put("status_code", status)
                    .put("request_id", requestId)
                    .set("body", body);
            line.putNull("error");
            return ended(line);
        }
    }

    static String lineId(final String batchId, final int index) {
        return "batch_req_" + batchId.substring(batchId.indexOf('_') + 1) + "_" + index;
    }

    static byte[] ended(final JsonNode line) {
        final byte[] bytes = Replies.bytes(line);
        final byte[] ended = java.util.Arrays.copyOf(bytes, bytes.length + 1);
        ended[bytes.length] = '\n';
        return ended;
    }

    BatchParser parser() {
        return parser;
    }

    /** Answers a request; waits for it. */
    Answered answer(final String tenant, final String endpoint, final ObjectNode body) {
        final Caller caller = new Caller(RequestIds.fresh(), tenant, true);
        try {
            final AggregatedHttpResponse response = generation
                    .answer(caller, prepared(caller, endpoint, body))
                    .aggregate()
                    .join();
            return new Answered(
                    response.status().code(), Replies.tree(response.content().array()), caller.requestId());
        } catch (final ApiException refused) {
            return new Answered(refused.error().status(), ResponseJson.error(refused.error()), caller.requestId());
        } catch (final RuntimeException | StackOverflowError e) {
            LOG.error("line of a batch, request {}, failed", caller.requestId(), e);
            return new Answered(500, ResponseJson.error(ErrorHandler.failed(caller.requestId())), caller.requestId());
        }
    }

    private PreparedCall prepared(final Caller caller, final String endpoint, final ObjectNode body) {
        reading.lock();
        try {
            return calls.prepare(caller, endpoint, Replies.bytes(body));
        } finally {
            reading.unlock();
        }
    }
}
