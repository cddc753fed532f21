package io.cheshire.http.core;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A file as the API shows it and as it is kept. Pure. */
public final class FileHead {
    /** The one purpose of files that are sent. */
    public static final String BATCH = "batch";
    /** What batches write. */
    public static final String BATCH_OUTPUT = "batch_output";

    private static final String HIDDEN = "hidden";

    private FileHead() {}

    /** @param isHidden a batch still writes it */
    public static ObjectNode of(
            final String id,
            final String name,
            final String purpose,
            final long bytes,
            final long createdSeconds,
            final boolean isHidden) {
        final ObjectNode head = JsonNodeFactory.instance.objectNode();
        head.put("id", id).put("object", "file").put("bytes", bytes).put("created_at", createdSeconds);
        head.put("filename", name)
                .put("purpose", purpose)
                .put("status", "processed")
                .putNull("status_details");
        if (isHidden) {
            head.put(HIDDEN, true);
        }
        return head;
    }

    /** Nobody is shown it. */
    public static boolean isHidden(final ObjectNode head) {
        return head.has(HIDDEN);
    }
}
