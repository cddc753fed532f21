package io.cheshire.http.core;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.http.protocol.ApiError;
import io.cheshire.http.protocol.BatchRequest;
import java.util.Locale;

/**
 * A batch as the API shows it and as it is kept: which file it reads, which two it writes, and how far it is. Used
 * under its owner's lock.
 */
public final class BatchHead {
    private static final String STATUS = "status";
    private static final String OUTPUT = "output_file_id";
    private static final String ERRORS = "error_file_id";
    /** Of a batch that isn't over, the files that it writes. */
    private static final String OUTPUT_TO_BE = "output_to_be";

    private static final String ERRORS_TO_BE = "errors_to_be";
    private static final int MOST_ERRORS = 50;

    private final ObjectNode json;

    /** Where a batch is in its life. */
    public enum Status {
        VALIDATING,
        IN_PROGRESS,
        CANCELLING,
        FINALIZING,
        COMPLETED,
        FAILED,
        EXPIRED,
        CANCELLED;

        /** Nothing more happens. */
        public boolean isOver() {
            return switch (this) {
                case VALIDATING, IN_PROGRESS, CANCELLING, FINALIZING -> false;
                case COMPLETED, FAILED, EXPIRED, CANCELLED -> true;
            };
        }

        /** A batch never goes back: what was cancelled stays so, and what is all but over ends. */
        public boolean mayBecome(final Status next) {
            return switch (this) {
                case VALIDATING -> next != VALIDATING;
                case IN_PROGRESS -> next != VALIDATING && next != IN_PROGRESS;
                case CANCELLING -> next == FINALIZING || next.isOver();
                case FINALIZING -> next.isOver();
                case COMPLETED, FAILED, EXPIRED, CANCELLED -> false;
            };
        }

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What was kept. */
    public BatchHead(final ObjectNode kept) {
        this.json = kept;
    }

    /** A new one; {@code idEnd} makes its id and those of its files. */
    public static BatchHead of(final BatchRequest request, final String idEnd, final long nowSeconds) {
        final ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", "batch_" + idEnd).put("object", "batch").put("endpoint", request.endpoint());
        json.putNull("errors").put("input_file_id", request.inputFileId());
        json.put("completion_window", request.window());
        json.put(STATUS, Status.VALIDATING.text()).putNull(OUTPUT).putNull(ERRORS);
        json.put("created_at", nowSeconds).putNull("in_progress_at");
        json.put("expires_at", nowSeconds + request.windowSeconds());
        for (final String time :
                new String[] {"finalizing", "completed", "failed", "expired", "cancelling", "cancelled"}) {
            json.putNull(time + "_at");
        }
        final BatchHead head = new BatchHead(json);
        head.count(0, 0, 0);
        json.set("metadata", request.metadata());
        json.put(OUTPUT_TO_BE, "file-" + idEnd + "out").put(ERRORS_TO_BE, "file-" + idEnd + "err");
        return head;
    }

    public String id() {
        return json.get("id").textValue();
    }

    public String endpoint() {
        return json.get("endpoint").textValue();
    }

    public String inputFile() {
        return json.get("input_file_id").textValue();
    }

    /** Where answers go. */
    public String outputFile() {
        return json.get(OUTPUT_TO_BE).textValue();
    }

    /** Where refusals go. */
    public String errorFile() {
        return json.get(ERRORS_TO_BE).textValue();
    }

    /** Unix time after which nothing is answered any more. */
    public long expiresSeconds() {
        return json.get("expires_at").longValue();
    }

    public Status status() {
        return Status.valueOf(json.get(STATUS).textValue().toUpperCase(Locale.ROOT));
    }

    /** Somebody cancelled it, however far it is since. */
    public boolean isCancelled() {
        return json.path(Status.CANCELLING.text() + "_at").isNumber();
    }

    /** Goes on to another status. */
    public void move(final Status status, final long nowSeconds) {
        json.put(STATUS, status.text());
        json.put(status.text() + "_at", nowSeconds);
    }

    /** How many lines there are, and how far they are. */
    public void count(final int total, final int completed, final int failed) {
        json.putObject("request_counts")
                .put("total", total)
                .put("completed", completed)
                .put("failed", failed);
    }

    /** How many lines there were when it was last kept. */
    public int total() {
        return json.path("request_counts").path("total").intValue();
    }

    /** What is wrong with a line, from 1 on, or with all of it: 0. */
    public void addError(final int line, final ApiError error) {
        final ArrayNode data = json.path("errors").isObject()
                ? (ArrayNode) json.get("errors").get("data")
                : json.putObject("errors").put("object", "list").putArray("data");
        if (data.size() < MOST_ERRORS) {
            data.addObject()
                    .put("code", error.code())
                    .put("line", line == 0 ? null : Integer.valueOf(line))
                    .put("message", error.message())
                    .put("param", error.param());
        }
    }

    /** Its file may be read from now on. */
    public void show(final boolean isErrors) {
        json.put(isErrors ? ERRORS : OUTPUT, isErrors ? errorFile() : outputFile());
    }

    /** To be kept. */
    public ObjectNode kept() {
        return json;
    }

    /** To be shown. */
    public ObjectNode shown() {
        final ObjectNode shown = json.deepCopy();
        shown.remove(OUTPUT_TO_BE);
        shown.remove(ERRORS_TO_BE);
        return shown;
    }
}
